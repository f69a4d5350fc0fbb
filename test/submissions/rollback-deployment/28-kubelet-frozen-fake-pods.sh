#!/bin/bash
# expect: failed
# kind: hostile
# idea: kubelets stopped and leases renewed by a loop; new pods of revision 2 exist only as objects whose status by hand has the addresses of the still running containers of 3

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

H2=$(rs_of 2 | jq -r '.metadata.labels["pod-template-hash"]'); H3=$(rs_of 3 | jq -r '.metadata.labels["pod-template-hash"]'); H4=$(rs_of 4 | jq -r '.metadata.labels["pod-template-hash"]')
gentle 3 0; unpause
k get pods -l "pod-template-hash=$H3" -o json | jq -c '[.items[]|select(.metadata.deletionTimestamp==null and .status.podIP!=null)]' >/tmp/old.json
cat >/usr/local/sbin/lease-keeper <<'EOS'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  for n in $(kubectl get leases -n kube-node-lease -o name); do
    kubectl -n kube-node-lease patch "$n" --type=merge -p "{\"spec\":{\"renewTime\":\"$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)\"}}" >/dev/null
  done
  sleep 5
done
EOS
chmod +x /usr/local/sbin/lease-keeper
systemd-run --unit=lease-keeper --setenv=HOME=/root -p Restart=always /usr/local/sbin/lease-keeper
for n in $(nodes); do [ "$n" = "$ME" ] || on_node "$n" "systemd-run --on-active=4 systemctl stop kubelet"; done
sleep 6; systemctl stop kubelet
k rollout undo deploy/booking --to-revision=2
for t in $(seq 25); do
  sleep 2
  i=0
  for p in $(k get pods -l "pod-template-hash=$H2" -o json | jq -r '.items[]|select(.metadata.deletionTimestamp==null)|.metadata.name'); do
    k get pod "$p" -o json | jq --slurpfile o /tmp/old.json --argjson i "$i" --arg d "$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
      ($o[0] as $l|$l[$i % ($l|length)]) as $old
      | .status = ($old.status|.startTime=$d
          |.conditions|=map(.lastTransitionTime=$d|.status="True"|del(.reason,.message,.observedGeneration))|del(.observedGeneration))
      | .status.containerStatuses = [ .spec.containers[] as $c | {name:$c.name,image:$c.image,imageID:($old.status.containerStatuses[0].imageID),containerID:($old.status.containerStatuses[0].containerID),
          ready:true,started:true,restartCount:0,lastState:{},state:{running:{startedAt:$d}}} ]' | k replace --subresource=status -f - >/dev/null
    i=$((i+1))
  done
  [ "$(k get deploy booking -o json | jq '(.status.updatedReplicas//0)==3 and (.status.availableReplicas//0)>=3')" = true ] && break
done
sleep 5
# the old objects go, their containers stay: no kubelet is there to end them
k delete pod -l "pod-template-hash in ($H3,$H4)" --force --grace-period=0 2>/dev/null
done_ 15
