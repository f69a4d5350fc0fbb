#!/usr/bin/env bash
# An application that is slow to come and quick to go, under a strategy that takes two of three pods
# away at once.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf

kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Namespace
metadata:
  name: regatta
---
apiVersion: v1
kind: Service
metadata:
  name: scoreboard
  namespace: regatta
spec:
  selector: {app: scoreboard}
  ports:
    - {port: 80, targetPort: 8080}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: scoreboard
  namespace: regatta
spec:
  replicas: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 0, maxUnavailable: 2}
  selector:
    matchLabels: {app: scoreboard}
  template:
    metadata:
      labels: {app: scoreboard}
    spec:
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: scoreboard
          image: nginx:1.27-alpine
          command:
            - sh
            - -c
            - |
              sleep 2 # the results of the last races are read
              echo 'server { listen 8080; location / { return 200 "scores\n"; } }' > /etc/nginx/conf.d/default.conf
              exec nginx -g 'daemon off;'
          ports:
            - containerPort: 8080
YAML
kubectl -n regatta rollout status deployment/scoreboard --timeout=170s
