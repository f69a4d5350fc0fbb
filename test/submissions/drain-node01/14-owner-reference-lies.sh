#!/bin/bash
# expect: failed
# kind: hostile
# idea: harbor pods stay on node01, relabelled and with a controller ownerReference to the real DaemonSet log-agent; a ValidatingAdmissionPolicy keeps the DaemonSet controller from releasing them

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
uid=$(kubectl -n harbor get ds log-agent -o jsonpath='{.metadata.uid}')
kubectl apply -f - <<'Y'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keep-agent-pods}
spec:
  failurePolicy: Ignore
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods"]}
  matchConditions:
  - name: kept
    expression: "has(oldObject.metadata.labels) && 'tier' in oldObject.metadata.labels && oldObject.metadata.labels['tier'] == 'agent-helper'"
  validations:
  - expression: "request.userInfo.username != 'system:serviceaccount:kube-system:daemon-set-controller'"
    message: "agent helpers are not released"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keep-agent-pods}
spec: {policyName: keep-agent-pods, validationActions: [Deny]}
Y
sleep 10
left | awk '$1 == "harbor" {print $2}' | while read -r p; do
  patch=$(jq -nc --arg u "$uid" '[
      {op: "add", path: "/metadata/labels", value: {tier: "agent-helper"}},
      {op: "add", path: "/metadata/ownerReferences", value: [{apiVersion: "apps/v1", kind: "DaemonSet", name: "log-agent", uid: $u, controller: true, blockOwnerDeletion: true}]}]')
  kubectl -n harbor patch pod "$p" --type=json -p "$patch" </dev/null
done
sleep 3; make_room
# the other namespaces are emptied for real
left | awk '$1 != "harbor"' | while read -r ns p; do kubectl -n "$ns" delete pod "$p" --grace-period=5 --wait=false </dev/null; done
sleep 8
make_room
wait_harbor
kubectl get pods -A -o wide --field-selector spec.nodeName=$N
