#!/bin/bash
# expect: failed
# kind: hostile
# idea: node is drained, then copies of its pods run on node01 as static pods whose mirror pods a ValidatingAdmissionPolicy refuses: pods run there and the API does not know them

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

# pods that find no place: let the remaining node(s) take ordinary pods
make_room() {
  local p
  p=$(kubectl get pods -A --field-selector status.phase=Pending -o json |
      jq '[.items[] | select(any(.status.conditions[]?; .type == "PodScheduled" and .status == "False"))] | length')
  [ "${p:-0}" -gt 0 ] || return 0
  for n in $(kubectl get nodes -o name | grep -v "/$N\$"); do
    kubectl taint node "${n#node/}" node-role.kubernetes.io/control-plane- >/dev/null 2>&1
    [ "$(kubectl get "$n" -o jsonpath='{.spec.unschedulable}')" = true ] && kubectl uncordon "$n"
  done
}

# static pods on node01 (if there are any) are no DaemonSet pods either
static_off() {
  local m
  m=$(kubectl get pods -A --field-selector spec.nodeName=$N -o json |
      jq '[.items[] | select(.metadata.annotations["kubernetes.io/config.mirror"])] | length')
  [ "${m:-0}" -gt 0 ] || return 0
  ssh -n $N 'd=$(awk "/^staticPodPath:/{print \$2}" /var/lib/kubelet/config.yaml); d=${d:-/etc/kubernetes/manifests}
             mkdir -p /root/static-pods-off && mv "$d"/*.y*ml "$d"/*.json /root/static-pods-off/ 2>/dev/null; true'
}

wait_harbor() {
  kubectl -n harbor rollout status deploy/quay --timeout=${1:-60s}
  kubectl -n harbor rollout status deploy/cache --timeout=${1:-60s}
}

# nothing may remain
sweep() {
  local ns p i
  for i in 1 2 3 4 5 6; do
    make_room; static_off
    [ -z "$(left)" ] && return 0
    left | while read -r ns p; do
      kubectl -n "$ns" delete pod "$p" --wait=false --grace-period=10 </dev/null
    done
    sleep 8
  done
}

kubectl cordon $N
# manifests of what runs there now
mkdir -p /root/sp; rm -f /root/sp/*
left | while read -r ns p; do
  kubectl -n "$ns" get pod "$p" -o json </dev/null | jq --arg n "$p" '
    {apiVersion: "v1", kind: "Pod", metadata: {name: $n, namespace: .metadata.namespace},
     spec: {terminationGracePeriodSeconds: 5, containers: [ .spec.containers[] | {name, image, imagePullPolicy: "IfNotPresent"}
        + (if .command then {command} else {} end) + (if .args then {args} else {} end) + (if .ports then {ports} else {} end) ]}}' > "/root/sp/$ns-$p.json"
done
kubectl apply -f - <<'Y'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-mirrors-node01}
spec:
  failurePolicy: Ignore
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"]}
  validations:
  - expression: "request.userInfo.username != 'system:node:node01'"
    message: "no mirror pods from node01"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-mirrors-node01}
spec: {policyName: no-mirrors-node01, validationActions: [Deny]}
Y
sleep 8
sweep
wait_harbor
ssh -n $N 'mkdir -p /etc/kubernetes/manifests'
scp -q /root/sp/*.json $N:/etc/kubernetes/manifests/ </dev/null
ssh -n $N 'systemctl restart kubelet'
sleep 25
ssh -n $N 'crictl ps' | head -20
left
