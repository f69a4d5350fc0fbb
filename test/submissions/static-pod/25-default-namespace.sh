#!/bin/bash
# expect: failed
# kind: partial
# idea: namespace forgotten: the pod runs in default
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn}
spec:
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
sleep 30
kubectl get pods -A | grep foghorn
