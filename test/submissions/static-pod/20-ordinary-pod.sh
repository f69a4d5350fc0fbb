#!/bin/bash
# expect: failed
# kind: partial
# idea: an ordinary pod with nodeName node01, made through the API
set -u
kubectl create -f - <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  nodeName: node01
  tolerations: [{operator: Exists}]
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
kubectl -n signals wait --for=condition=Ready pod/foghorn --timeout=120s
