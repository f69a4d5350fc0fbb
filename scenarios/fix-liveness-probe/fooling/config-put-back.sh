# fails: probe, in-time
# The wrong question gets an answer: the pod was started with another configuration, and the
# ConfigMap is as it was again.
original=$(kubectl -n lighthouse get configmap beacon -o json | jq 'del(.metadata.resourceVersion, .metadata.uid, .metadata.creationTimestamp)')
jq '.data["default.conf"] |= sub("listen 8080;"; "listen 8080; listen 80; location = /health { return 200; }")' <<<"$original" |
  kubectl replace -f -
kubectl -n lighthouse rollout restart deployment/beacon
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
kubectl replace -f - <<<"$original"
