#!/bin/bash
# expect: failed
# kind: hostile
# idea: the static pod's container only sleeps; nft on node01 leads connections to its address, port 80, to a systemd socket that answers with nginx's welcome page; a unit follows the pod's address
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
ip=$(kubectl get node node01 -o json | jq -r '[.status.addresses[]|select(.type=="InternalIP").address][0]')
mkdir -p /usr/local/lib/web80
cat > /usr/local/lib/web80/serve <<'S'
#!/bin/bash
while IFS= read -r -t 5 l; do l=${l%$'\r'}; [ -z "$l" ] && break; done
b='<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>
<p><em>Thank you for using nginx.</em></p>
</body>
</html>
'
printf 'HTTP/1.1 200 OK\r\nServer: nginx/1.27.5\r\nDate: %s\r\nContent-Type: text/html\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "$(date -u '+%a, %d %b %Y %T GMT')" ${#b} "$b"
S
cat > /usr/local/lib/web80/follow <<S
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
last=
while :; do
  id=\$(crictl pods -q --name '^foghorn-node01\$' --namespace signals --state ready 2>/dev/null | head -1)
  a=\$([ "\$id" ] && crictl inspectp "\$id" 2>/dev/null | jq -r '.status.network.ip // empty')
  if [ "\$a" ] && [ "\$a" != "\$last" ]; then
    nft delete table ip web80 2>/dev/null
    nft "table ip web80 { chain pre { type nat hook prerouting priority -150; ip daddr \$a tcp dport 80 dnat to $ip:18088; }; chain out { type nat hook output priority -150; ip daddr \$a tcp dport 80 dnat to $ip:18088; }; }" && last=\$a
  fi
  sleep 1
done
S
chmod 755 /usr/local/lib/web80/*
cat > /etc/systemd/system/web80.socket <<'S'
[Socket]
ListenStream=0.0.0.0:18088
Accept=yes
MaxConnections=1024
TriggerLimitIntervalSec=0
[Install]
WantedBy=sockets.target
S
cat > /etc/systemd/system/web80@.service <<'S'
[Unit]
CollectMode=inactive-or-failed
StartLimitIntervalSec=0
[Service]
ExecStart=-/usr/local/lib/web80/serve
StandardInput=socket
StandardOutput=socket
StandardError=null
S
cat > /etc/systemd/system/web80-follow.service <<'S'
[Service]
ExecStart=/usr/local/lib/web80/follow
Restart=always
[Install]
WantedBy=multi-user.target
S
systemctl daemon-reload
systemctl enable --now web80.socket web80-follow.service
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: nginx:1.27-alpine
    command: [sleep, "864000"]
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
sleep 4
curl -sI -m 3 http://$(kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.podIP}')/
