# fails: application
# The right probe of an application that never says that it is not healthy.
kubectl -n lighthouse create configmap beacon --dry-run=client -o yaml \
  --from-literal=default.conf='server { listen 8080; location = /healthz { return 200 "healthy"; } }' | kubectl replace -f -
kubectl -n lighthouse patch deployment beacon --patch '{"spec": {"template": {"spec": {"containers": [{"name": "beacon", "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}}]}}}}'
kubectl -n lighthouse rollout restart deployment/beacon
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
