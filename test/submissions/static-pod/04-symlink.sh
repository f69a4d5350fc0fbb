#!/bin/bash
# expect: passed
# kind: right
# idea: the file lies in /etc/foghorn, in the kubelet's folder there is only a symbolic link to it (the kubelet follows it, also after a restart)
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
mkdir -p /etc/foghorn
cat > /etc/foghorn/pod.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80, protocol: TCP}]}
Y
ln -sfn /etc/foghorn/pod.yaml "$P/foghorn.yaml"
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
