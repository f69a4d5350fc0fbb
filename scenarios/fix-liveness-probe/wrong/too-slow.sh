# fails: in-time
# then: exec-probe
kubectl -n lighthouse patch deployment beacon --patch '{"spec": {"template": {"spec": {"containers": [{"name": "beacon", "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "initialDelaySeconds": 600, "failureThreshold": 30}}]}}}}'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
