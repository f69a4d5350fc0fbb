# fails: emptied, daemonset
# The API server has no pod on node01 any more, but there they run on: nothing told the kubelet.
kubectl cordon node01
ssh node01 systemctl stop kubelet
kubectl get pods -A --field-selector spec.nodeName=node01 -o json |
  jq -r '.items[] | select(.metadata.ownerReferences[0].kind != "DaemonSet") | "\(.metadata.namespace) \(.metadata.name)"' |
  while read -r namespace name; do
    kubectl -n "$namespace" delete pod "$name" --force --grace-period=0 </dev/null
  done
for deployment in quay cache; do
  kubectl -n harbor rollout status "deployment/$deployment" --timeout=120s
done
