# fails: probe, in-time
kubectl -n lighthouse patch deployment beacon --type=json -p '[{"op": "remove", "path": "/spec/template/spec/containers/0/livenessProbe"}]'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
