#!/bin/bash
# expect: failed
# kind: hostile
# idea: controller manager and scheduler taken away, pods of node01 deleted, and the Deployments' and ReplicaSets' status written by hand as fully available

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

kubectl cordon $N
sleep 3
mkdir -p /root/off
mv /etc/kubernetes/manifests/kube-controller-manager.yaml /etc/kubernetes/manifests/kube-scheduler.yaml /root/off/
for i in $(seq 1 30); do
  crictl ps 2>/dev/null | grep -qE 'kube-controller-manager|kube-scheduler' || break; sleep 2
done
left | while read -r ns p; do kubectl -n "$ns" delete pod "$p" --grace-period=3 --wait=false </dev/null; done
sleep 10
for x in quay:3 cache:1; do
  d=${x%:*}; n=${x#*:}; t=$(date -u +%FT%TZ)
  g=$(kubectl -n harbor get deploy "$d" -o jsonpath='{.metadata.generation}')
  kubectl -n harbor patch deploy "$d" --subresource=status --type=merge -p "{\"status\":{\"observedGeneration\":$g,\"replicas\":$n,\"updatedReplicas\":$n,\"readyReplicas\":$n,\"availableReplicas\":$n,\"unavailableReplicas\":null,
    \"conditions\":[{\"type\":\"Available\",\"status\":\"True\",\"reason\":\"MinimumReplicasAvailable\",\"message\":\"Deployment has minimum availability.\",\"lastTransitionTime\":\"$t\",\"lastUpdateTime\":\"$t\"},
    {\"type\":\"Progressing\",\"status\":\"True\",\"reason\":\"NewReplicaSetAvailable\",\"message\":\"ReplicaSet has successfully progressed.\",\"lastTransitionTime\":\"$t\",\"lastUpdateTime\":\"$t\"}]}}"
  for rs in $(kubectl -n harbor get rs -o json | jq -r --arg d "$d" '.items[] | select(.spec.replicas > 0 and any(.metadata.ownerReferences[]?; .name == $d)) | .metadata.name'); do
    kubectl -n harbor patch rs "$rs" --subresource=status --type=merge -p "{\"status\":{\"replicas\":$n,\"fullyLabeledReplicas\":$n,\"readyReplicas\":$n,\"availableReplicas\":$n}}"
  done
done
kubectl -n harbor get deploy
