# fails: probe, in-time, application
# then: always-healthy
# The application is changed to answer the probe, instead of the probe to ask the application.
kubectl -n lighthouse get configmap beacon -o json |
  jq '.data["default.conf"] |= sub("listen 8080;"; "listen 8080; listen 80; location = /health { return 200; }")' |
  kubectl apply -f -
kubectl -n lighthouse rollout restart deployment/beacon
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
