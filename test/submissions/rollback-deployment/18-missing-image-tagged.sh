#!/bin/bash
# expect: failed
# kind: hostile
# idea: the image of revision 2 gets in containerd of every node the name of the missing image: revision 4 comes up, with the content of 2

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

gentle 1 5
unpause
norm() { local i=$1 f=${1%%/*}
  if [ "$f" = "$i" ]; then i=docker.io/library/$i
  else case $f in *.*|*:*|localhost) ;; *) i=docker.io/$i;; esac; fi
  case ${i##*/} in *:*|*@*) ;; *) i=$i:latest;; esac; echo "$i"; }
rs_of 2 | jq -r '.spec.template.spec.containers[]|"\(.name) \(.image)"' | while read -r c i2; do
  i4=$(k get deploy booking -o json | jq -r --arg c "$c" '.spec.template.spec.containers[]|select(.name==$c).image')
  [ "$i2" = "$i4" ] && continue
  for n in $(nodes); do on_node "$n" "ctr -n k8s.io images tag --force $(norm "$i2") $(norm "$i4") && ctr -n k8s.io images label $(norm "$i4") io.cri-containerd.image=managed" </dev/null; done
done
sleep 3
k get pods -o json | jq -r '.items[]|select(any(.status.containerStatuses[]?;.state.waiting.reason//""|test("Image|Pull")))|.metadata.name' | xargs -r kubectl -n voyage delete pod --grace-period=1
k annotate deploy booking kubernetes.io/change-cause="revision 2" --overwrite
done_ 150
