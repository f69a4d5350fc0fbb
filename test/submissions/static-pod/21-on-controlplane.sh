#!/bin/bash
# expect: failed
# kind: partial
# idea: right manifest, but on the control plane in /etc/kubernetes/manifests (pod foghorn-controlplane)
set -u
ssh -o BatchMode=yes -o StrictHostKeyChecking=no controlplane 'cat > /etc/kubernetes/manifests/foghorn.yaml' <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
sleep 40
kubectl -n signals get pods -o wide
