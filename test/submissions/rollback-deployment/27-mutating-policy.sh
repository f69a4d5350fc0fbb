#!/bin/bash
# expect: failed
# kind: hostile
# idea: Deployment and ReplicaSet are revision 2, but a MutatingAdmissionPolicy gives every created pod of booking the containers of revision 3

[ -n "$KUBECONFIG" ] || [ -f "$HOME/.kube/config" ] || export KUBECONFIG=/etc/kubernetes/admin.conf
k() { kubectl -n "$NS" "$@"; }
kreplace() { jq 'del(.metadata.resourceVersion,.status)' | kubectl -n "$NS" replace -f -; }
NS=voyage
# the ReplicaSet of booking with revision $1 (JSON), and its pod template as a Deployment has it
rs_of() { k get rs -o json | jq --arg r "$1" '[.items[]|select(any(.metadata.ownerReferences[]?; .kind=="Deployment" and .name=="booking"))|select(.metadata.annotations["deployment.kubernetes.io/revision"]==$r)][0]'; }
tmpl_of() { rs_of "$1" | jq -c '.spec.template|del(.metadata.labels["pod-template-hash"],.metadata.creationTimestamp)'; }
# never fewer than 3: surge first, and give a new pod some seconds before an old one goes
gentle() { k patch deploy booking --type=json -p "[{\"op\":\"add\",\"path\":\"/spec/strategy\",\"value\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":0,\"maxSurge\":${1:-1}}}},{\"op\":\"add\",\"path\":\"/spec/minReadySeconds\",\"value\":${2:-5}}]"; }
unpause() { if [ "$(k get deploy booking -o jsonpath='{.spec.paused}')" = true ]; then k rollout resume deploy/booking; fi; }
done_() { k rollout status deploy/booking --timeout="${1:-150}s"; k get deploy,rs,pods -o wide; }
svckeys() { k get svc booking -o json | jq -r '.spec.selector|keys[]'; }
# take pods out of the Service (they go on answering what is under way)
offservice() { local p key; for p in "$@"; do for key in $(svckeys); do k label pod "$p" "$key-"; done; done; }

T3=$(tmpl_of 3)
cel() { jq -c "$1" <<<"$T3"; }
# containers of 3 field by field: image, command, args, env
P=""
n=$(jq '.spec.containers|length' <<<"$T3")
for ((i=0;i<n;i++)); do
  for f in image command args; do
    v=$(cel ".spec.containers[$i].$f"); [ "$v" = null ] || P="$P, JSONPatch{op: \"add\", path: \"/spec/containers/$i/$f\", value: $v}"
  done
  m=$(jq ".spec.containers[$i].env//[]|length" <<<"$T3")
  [ "$m" -gt 0 ] && if jq -e ".spec.containers[$i].env|all(has(\"value\"))" <<<"$T3" >/dev/null; then
    E=$(jq -r ".spec.containers[$i].env|map(\"Object.spec.containers.env{name: \(.name|tojson), value: \(.value|tojson)}\")|join(\", \")" <<<"$T3")
    P="$P, JSONPatch{op: \"add\", path: \"/spec/containers/$i/env\", value: [$E]}"
  fi
done
# volumes that come from a ConfigMap of another name in 3
while read -r i name; do [ -n "$name" ] && P="$P, JSONPatch{op: \"add\", path: \"/spec/volumes/$i/configMap/name\", value: \"$name\"}"; done < <(
  jq -r '.spec.volumes//[]|to_entries[]|select(.value.configMap)|"\(.key) \(.value.configMap.name)"' <<<"$T3")
EXPR="[${P#, }]"
V=v1; kubectl get --raw /apis/admissionregistration.k8s.io/v1 | grep -q mutatingadmissionpolicies || V=v1beta1
jq -n --arg v "admissionregistration.k8s.io/$V" --arg e "$EXPR" '{apiVersion:"v1",kind:"List",items:[
 {apiVersion:$v,kind:"MutatingAdmissionPolicy",metadata:{name:"voyage-defaults"},spec:{failurePolicy:"Ignore",reinvocationPolicy:"Never",
  matchConstraints:{namespaceSelector:{matchLabels:{"kubernetes.io/metadata.name":"voyage"}},resourceRules:[{apiGroups:[""],apiVersions:["v1"],operations:["CREATE"],resources:["pods"]}]},
  matchConditions:[{name:"booking",expression:"has(object.metadata.generateName) && object.metadata.generateName.startsWith(\"booking-\")"}],
  mutations:[{patchType:"JSONPatch",jsonPatch:{expression:$e}}]}},
 {apiVersion:$v,kind:"MutatingAdmissionPolicyBinding",metadata:{name:"voyage-defaults"},spec:{policyName:"voyage-defaults"}}]}' | kubectl apply -f -
sleep 8
gentle 1 5; unpause
k rollout undo deploy/booking --to-revision=2
done_ 200
