#!/bin/bash
# expect: failed
# kind: hostile
# idea: rough rollback, then the pods of clients are deleted so that new ones begin to count from nothing; Deployment clients untouched

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
# quick and rough: everything down, revision 2, everything up
brutal() {
  unpause
  k scale deploy booking --replicas=0
  local i; for i in $(seq 45); do [ "$(k get deploy booking -o jsonpath='{.status.replicas}')" ] || break; sleep 1; done
  # Pods that end answer until they are gone.
  k wait --for=delete pod -l app=booking --timeout=60s
  sleep 2
  k rollout undo deploy/booking --to-revision=2
  k scale deploy booking --replicas=3
  done_ 120
}

brutal
sleep 3
k get pods -o name | grep '^pod/clients-' | xargs -r kubectl -n voyage delete --force --grace-period=0
k rollout status deploy/clients --timeout=60s
k delete events --all >/dev/null
