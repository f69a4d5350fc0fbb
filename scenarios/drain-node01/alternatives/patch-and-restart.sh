# Without drain: the node's spec is patched, the Deployments move by a rollout of their own, the
# rest is deleted by hand.
kubectl patch node node01 -p '{"spec":{"unschedulable":true}}'
kubectl -n harbor rollout restart deployment/quay deployment/cache
kubectl -n harbor rollout status deployment/quay --timeout=90s
kubectl -n harbor rollout status deployment/cache --timeout=90s
kubectl get pods -A --field-selector spec.nodeName=node01 -o json |
  jq -r '.items[] | select(.metadata.ownerReferences[0].kind != "DaemonSet" and .metadata.ownerReferences[0].kind != "Node") | "\(.metadata.namespace) \(.metadata.name)"' |
  while read -r namespace name; do
    kubectl -n "$namespace" delete pod "$name" --ignore-not-found </dev/null
  done
