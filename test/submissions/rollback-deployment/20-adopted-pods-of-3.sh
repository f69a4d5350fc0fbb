#!/bin/bash
# expect: failed
# kind: hostile
# idea: Deployment and ReplicaSet say revision 2, but the ReplicaSet has adopted hand-made pods with the spec of revision 3 and removed its real ones

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

SPEC3=$(tmpl_of 3 | jq -c .spec)
gentle 1 3; unpause
k rollout undo deploy/booking --to-revision=2
done_ 150
R2=$(k get rs -o json | jq -r --arg r "$(k get deploy booking -o json | jq -r '.metadata.annotations["deployment.kubernetes.io/revision"]')" '.items[]|select(any(.metadata.ownerReferences[]?;.name=="booking"))|select(.metadata.annotations["deployment.kubernetes.io/revision"]==$r)|.metadata.name')
for n in q4zt7 b8xkm vw2d9; do
  jq -n --arg n "$R2-$n" --argjson s "$SPEC3" '{apiVersion:"v1",kind:"Pod",metadata:{name:$n,annotations:{"controller.kubernetes.io/pod-deletion-cost":"100000"}},spec:$s}' | k create -f -
done
for n in q4zt7 b8xkm vw2d9; do
  k wait --for=condition=Ready "pod/$R2-$n" --timeout=40s
  k label pod "$R2-$n" $(k get rs "$R2" -o json | jq -r '.spec.template.metadata.labels|to_entries[]|"\(.key)=\(.value)"')
  sleep 4
done
k get pods -o wide
