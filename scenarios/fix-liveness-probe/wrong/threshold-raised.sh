# fails: steady, probe, in-time
# then: too-slow
# The same wrong question, asked a thousand times before anybody acts: it restarts later.
kubectl -n lighthouse patch deployment beacon --type=json -p '[{"op": "replace", "path": "/spec/template/spec/containers/0/livenessProbe/failureThreshold", "value": 1000}]'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
