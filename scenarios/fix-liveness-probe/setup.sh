#!/usr/bin/env bash
# An application whose health is served at :8080/healthz, under a liveness probe that asks
# :80/health.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf

kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Namespace
metadata:
  name: lighthouse
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: beacon
  namespace: lighthouse
data:
  default.conf: |
    server {
      listen 8080;
      default_type text/plain;
      location = /healthz {
        if (-f /tmp/unhealthy) { return 503 "unhealthy\n"; }
        return 200 "healthy\n";
      }
      location = / { return 200 "beacon\n"; }
      location / { return 404; }
    }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: beacon
  namespace: lighthouse
spec:
  replicas: 1
  selector:
    matchLabels: {app: beacon}
  template:
    metadata:
      labels: {app: beacon}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: beacon
          image: nginx:1.27-alpine
          volumeMounts:
            - {name: conf, mountPath: /etc/nginx/conf.d}
          livenessProbe:
            httpGet: {path: /health, port: 80}
            initialDelaySeconds: 1
            periodSeconds: 2
            failureThreshold: 2
      volumes:
        - name: conf
          configMap: {name: beacon}
YAML

# Prepared is what the learner is to find: a pod that has been restarted.
for _ in $(seq 300); do
  restarts=$(kubectl -n lighthouse get pods -l app=beacon -o jsonpath='{.items[*].status.containerStatuses[0].restartCount}') || restarts=0
  case $restarts in *[1-9]*) exit 0 ;; esac
  sleep 0.5
done
echo 'The pod of beacon has not been restarted in 150 seconds' >&2
exit 1
