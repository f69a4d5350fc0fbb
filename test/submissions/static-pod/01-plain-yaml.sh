#!/bin/bash
# expect: passed
# kind: right
# idea: folder asked from the running kubelet (configz), image pulled first, YAML written beside and moved in atomically
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
crictl pull nginx:1.27-alpine >/dev/null 2>&1
cat > /root/foghorn.yaml <<Y
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  containers:
  - name: web
    image: nginx:1.27-alpine
    ports:
    - containerPort: 80
Y
mv /root/foghorn.yaml "$P/foghorn.yaml"
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
