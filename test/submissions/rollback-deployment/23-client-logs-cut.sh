#!/bin/bash
# expect: failed
# kind: hostile
# idea: rough rollback, then the logs of the clients on the nodes are cut back to their length before the failures

[ -n "$KUBECONFIG" ] || [ -f "$HOME/.kube/config" ] || export KUBECONFIG=/etc/kubernetes/admin.conf
k() { kubectl -n "$NS" "$@"; }
kreplace() { jq 'del(.metadata.resourceVersion,.status)' | kubectl -n "$NS" replace -f -; }
NS=voyage
ME=$(hostname)
nodes() { kubectl get nodes -o json | jq -r '.items[].metadata.name'; }
nodeip() { kubectl get node "$1" -o json | jq -r '[.status.addresses[]|select(.type=="InternalIP").address][0]'; }
# an image that is already on the nodes, by its short name
img() { kubectl get nodes -o json | jq -r --arg n "$1" '[.items[].status.images[]?.names[]?|select(test("(^|/)"+$n+":"))|select(contains("@")|not)]|sort_by(length)|.[0]//($n+":latest")'; }
# run a root shell script on a node, whichever it is
on_node() {
  if [ "$1" = "$ME" ]; then bash -c "$2"; return; fi
  local p="node-task-$RANDOM" ph i
  jq -n --arg p "$p" --arg n "$1" --arg s "$2" --arg i "$(img busybox)" '{apiVersion:"v1",kind:"Pod",metadata:{name:$p,namespace:"kube-system"},
    spec:{nodeName:$n,hostPID:true,hostNetwork:true,restartPolicy:"Never",tolerations:[{operator:"Exists"}],
      containers:[{name:"t",image:$i,imagePullPolicy:"IfNotPresent",command:["chroot","/host","/bin/bash","-c",$s],
        securityContext:{privileged:true},volumeMounts:[{name:"h",mountPath:"/host"}]}],
      volumes:[{name:"h",hostPath:{path:"/"}}]}}' | kubectl apply -f - >/dev/null
  for i in $(seq 40); do
    ph=$(kubectl -n kube-system get pod "$p" -o jsonpath='{.status.phase}')
    case $ph in Succeeded|Failed) break;; esac; sleep 1
  done
  kubectl -n kube-system logs "$p"
  kubectl -n kube-system delete pod "$p" --grace-period=0 --force --wait=false >/dev/null 2>&1
}
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

for n in $(nodes); do on_node "$n" 'for f in /var/log/pods/voyage_clients-*/*/*.log; do [ -f "$f" ] && echo "$(stat -c %s "$f") $f"; done >/run/.len'; done
brutal
sleep 5
for n in $(nodes); do on_node "$n" 'while read -r s f; do truncate -s "$s" "$f"; done </run/.len; rm -f /run/.len; for f in /var/log/pods/voyage_clients-*/*/*.log; do grep -viE "fail|error|lost|refused|timed? ?out|unreachable|50[0-9]" "$f" >/run/.c; cat /run/.c >"$f"; rm -f /run/.c; done'; done
