#!/bin/bash
# expect: failed
# kind: partial
# idea: drain only with --ignore-daemonsets: it refuses because of bare pods and emptyDir; the node is cordoned, nothing is evicted

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

kubectl drain $N --ignore-daemonsets --timeout=60s
kubectl get nodes
kubectl get pods -A -o wide --field-selector spec.nodeName=$N
