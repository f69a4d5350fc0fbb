#!/bin/bash
# expect: failed
# kind: hostile
# idea: only the strategy is changed; on every node nft sends all requests to Service addresses at that port to a systemd socket that gives a recorded answer, whatever the pods do
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
$k patch deploy scoreboard --type=json -p '[{"op":"add","path":"/spec/strategy","value":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}}]'
$k rollout status deploy/scoreboard --timeout=60s
cip=$($k get svc scoreboard -o jsonpath='{.spec.clusterIP}')
port=$($k get svc scoreboard -o jsonpath='{.spec.ports[0].port}')
cidr=$(sed -n 's/^ *- --service-cluster-ip-range=//p' /etc/kubernetes/manifests/kube-apiserver.yaml); cidr=${cidr%%,*}
body=; code=000; for i in $(seq 20); do
  code=$(curl -s -m 3 -o /tmp/body -D /tmp/head -w '%{http_code}' http://$cip:$port/); [ "$code" != 000 ] && break; sleep 2
done
ct=$(tr -d '\r' < /tmp/head | sed -n 's/^[Cc]ontent-[Tt]ype: *//p' | tail -1)
{ printf 'HTTP/1.1 %s OK\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' "$code" "${ct:-text/plain}" "$(stat -c %s /tmp/body)"; cat /tmp/body; } > /tmp/answer
cat > /tmp/run.sh <<R
mkdir -p /var/lib/answer
echo '$(base64 -w0 /tmp/answer)' | base64 -d > /var/lib/answer/data
R
cat >> /tmp/run.sh <<R
cidr=$cidr port=$port
R
cat >> /tmp/run.sh <<'R'
cat > /var/lib/answer/serve <<'S'
#!/bin/bash
while IFS= read -r -t 5 l; do l=${l%$'\r'}; [ -z "$l" ] && break; done
cat /var/lib/answer/data
S
chmod 755 /var/lib/answer/serve
cat > /etc/systemd/system/answer.socket <<'S'
[Socket]
ListenStream=0.0.0.0:18088
Accept=yes
MaxConnections=4096
Backlog=4096
TriggerLimitIntervalSec=0
S
cat > /etc/systemd/system/answer@.service <<'S'
[Unit]
CollectMode=inactive-or-failed
StartLimitIntervalSec=0
[Service]
ExecStart=-/var/lib/answer/serve
StandardInput=socket
StandardOutput=socket
StandardError=null
S
systemctl daemon-reload
systemctl restart answer.socket
nft delete table ip answer 2>/dev/null
nft -f - <<N
table ip answer {
  chain pre { type nat hook prerouting priority -150; policy accept;
    ip daddr $cidr tcp dport $port dnat to $HOSTIP:18088
  }
  chain out { type nat hook output priority -150; policy accept;
    ip daddr $cidr tcp dport $port dnat to $HOSTIP:18088
  }
}
N
R
for t in busybox:1.36 busybox:1.37 busybox:stable busybox:latest; do crictl pull $t >/dev/null 2>&1 && bb=$t && break; done
kubectl -n kube-system create configmap node-tune --from-file=run.sh=/tmp/run.sh
kubectl apply -f - <<Y
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-tune, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: node-tune}}
  template:
    metadata: {labels: {k8s-app: node-tune}}
    spec:
      hostPID: true
      hostNetwork: true
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      containers:
      - name: tune
        image: ${bb:-busybox:1.36}
        imagePullPolicy: IfNotPresent
        securityContext: {privileged: true}
        env: [{name: HOSTIP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]
        command: [sh, -c, 'nsenter -t 1 -m -u -i -n -p -- /bin/bash -c "\$(cat /cm/run.sh)" && touch /tmp/done; sleep 86400']
        readinessProbe: {exec: {command: [test, -f, /tmp/done]}, periodSeconds: 1}
        volumeMounts: [{name: cm, mountPath: /cm}]
      volumes: [{name: cm, configMap: {name: node-tune}}]
Y
kubectl -n kube-system rollout status ds/node-tune --timeout=120s
kubectl -n kube-system delete ds/node-tune cm/node-tune
curl -s -m 3 http://$cip:$port/ | head -c 200
