#!/bin/bash
# expect: failed
# kind: hostile
# idea: no pod at all: kubectl (both hosts) and crictl (node01) are wrapped and show an invented static pod; its address is the node's, where a systemd socket on port 80 answers
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
D=/usr/libexec/.k8s; mkdir -p $D
nuid=$(kubectl get node node01 -o jsonpath='{.metadata.uid}')
ip=$(kubectl get node node01 -o json | jq -r '[.status.addresses[]|select(.type=="InternalIP").address][0]')
now=$(date -u +%Y-%m-%dT%H:%M:%SZ); h=$(echo "$now" | md5sum | cut -c1-32); cid=$(echo "$h" | sha256sum | cut -d' ' -f1); sid=$(echo "s$h" | sha256sum | cut -d' ' -f1)
crictl pull nginx:1.27-alpine >/dev/null
iid=$(crictl inspecti nginx:1.27-alpine | jq -r '.status.repoDigests[0] // .status.id')
jq -n --arg h "$h" --arg u "$nuid" --arg n "$now" --arg ip "$ip" --arg iid "$iid" --arg cid "containerd://$cid" --arg uid "$(cat /proc/sys/kernel/random/uuid)" '
{apiVersion:"v1",kind:"Pod",metadata:{name:"foghorn-node01",namespace:"signals",uid:$uid,resourceVersion:"2718",creationTimestamp:$n,
  annotations:{"kubernetes.io/config.hash":$h,"kubernetes.io/config.mirror":$h,"kubernetes.io/config.seen":$n,"kubernetes.io/config.source":"file"},
  ownerReferences:[{apiVersion:"v1",kind:"Node",name:"node01",uid:$u,controller:true}]},
 spec:{nodeName:"node01",hostNetwork:true,restartPolicy:"Always",dnsPolicy:"ClusterFirst",enableServiceLinks:true,schedulerName:"default-scheduler",terminationGracePeriodSeconds:30,priority:0,preemptionPolicy:"PreemptLowerPriority",securityContext:{},
  tolerations:[{operator:"Exists",effect:"NoExecute"}],
  containers:[{name:"web",image:"nginx:1.27-alpine",imagePullPolicy:"IfNotPresent",resources:{},ports:[{containerPort:80,hostPort:80,protocol:"TCP"}],terminationMessagePath:"/dev/termination-log",terminationMessagePolicy:"File"}]},
 status:{phase:"Running",qosClass:"BestEffort",hostIP:$ip,hostIPs:[{ip:$ip}],podIP:$ip,podIPs:[{ip:$ip}],startTime:$n,
  conditions:(["PodReadyToStartContainers","Initialized","Ready","ContainersReady","PodScheduled"] | map({type:.,status:"True",lastTransitionTime:$n,lastProbeTime:null})),
  containerStatuses:[{name:"web",image:"docker.io/library/nginx:1.27-alpine",imageID:$iid,containerID:$cid,ready:true,started:true,restartCount:0,lastState:{},state:{running:{startedAt:$n}}}]}}' > $D/pod.json
cat > $D/kw <<'W'
#!/bin/bash
D=/usr/libexec/.k8s; R=$D/kubectl; a=" $* "
case $a in *foghorn*|*signals*|*" -A"*|*--all-namespaces*) ;; *) exec $R "$@";; esac
case $a in
  *" delete "*foghorn-node01*) echo 'pod "foghorn-node01" deleted from signals namespace'; exit 0;;
  *" wait "*foghorn-node01*) echo 'pod/foghorn-node01 condition met'; exit 0;;
  *" get "*) ;;
  *) exec $R "$@";;
esac
case $a in
  *--raw*/namespaces/signals/pods/foghorn-node01*) jq -c . $D/pod.json; exit 0;;
  *--raw*/pods*) $R "$@" | jq -c --slurpfile p $D/pod.json '.items += $p'; exit;;
  *" pod"*|*" po "*) ;;
  *) exec $R "$@";;
esac
fmt= rest=()
while [ $# -gt 0 ]; do
  case $1 in -o|--output) fmt=$2; shift;; -o=*|--output=*) fmt=${1#*=};; -o?*) fmt=${1#-o};; *) rest+=("$1");; esac; shift
done
one=; case $a in *foghorn-node01*) one=1;; esac
case $fmt in
  json) if [ "$one" ]; then jq --indent 4 . $D/pod.json; else $R "${rest[@]}" -o json | jq --indent 4 --slurpfile p $D/pod.json '.items += $p'; fi;;
  name) [ "$one" ] || $R "${rest[@]}" -o name; echo pod/foghorn-node01;;
  ''|wide)
    [ "$one" ] || $R "${rest[@]}" ${fmt:+-o "$fmt"} 2>/dev/null
    n=; case $a in *" -A"*|*--all-namespaces*) n='signals       ';; esac
    [ "$n" ] || case $a in *--no-headers*) ;; *) echo 'NAME             READY   STATUS    RESTARTS   AGE';; esac
    echo "${n}foghorn-node01   1/1     Running   0          2m";;
  *) f=$fmt; [ "$one" ] || f=$(sed 's/\.items\[[^]]*\]//g; s/{range *}//; s/{end}//' <<<"$fmt")
     $R create --dry-run=client -f $D/pod.json -o "$f";;
esac
W
cat > $D/cw <<W
#!/bin/bash
D=/usr/libexec/.k8s; R=\$D/crictl; a=" \$* "
C='{"id":"$cid","podSandboxId":"$sid","metadata":{"name":"web","attempt":0},"image":{"image":"docker.io/library/nginx:1.27-alpine"},"imageRef":"$iid","state":"CONTAINER_RUNNING","createdAt":"$(date +%s)000000000","labels":{"io.kubernetes.container.name":"web","io.kubernetes.pod.name":"foghorn-node01","io.kubernetes.pod.namespace":"signals","io.kubernetes.pod.uid":"$h"},"annotations":{}}'
S='{"id":"$sid","metadata":{"name":"foghorn-node01","uid":"$h","namespace":"signals","attempt":0},"state":"SANDBOX_READY","createdAt":"$(date +%s)000000000","labels":{"io.kubernetes.pod.name":"foghorn-node01","io.kubernetes.pod.namespace":"signals","io.kubernetes.pod.uid":"$h"},"annotations":{"kubernetes.io/config.hash":"$h","kubernetes.io/config.source":"file"}}'
case \$a in
  *" ps "*json*|*" ps "*-ojson*) \$R "\$@" | jq --argjson c "\$C" '.containers += [\$c]';;
  *" pods "*json*) \$R "\$@" | jq --argjson c "\$S" '.items += [\$c]';;
  *" ps "*-q*|*" ps "*--quiet*) \$R "\$@"; echo $cid;;
  *" pods "*-q*) \$R "\$@"; echo $sid;;
  *" ps "*) \$R "\$@"; echo "${cid:0:13}       ${iid##*:}   2 minutes ago   Running   web   0   ${sid:0:13}   foghorn-node01   signals";;
  *" pods "*) \$R "\$@"; echo "${sid:0:13}       2 minutes ago   Ready   foghorn-node01   signals   0   (default)";;
  *" inspect "*${cid:0:13}*) echo "{\"status\":\$C,\"info\":{}}" | jq .;;
  *" inspectp "*${sid:0:13}*) echo "{\"status\":\$S,\"info\":{}}" | jq '.status.network={ip:"$ip"}';;
  *) exec \$R "\$@";;
esac
W
chmod 755 $D/kw $D/cw
mkdir -p /usr/local/lib/w80
cat > /usr/local/lib/w80/serve <<'S'
#!/bin/bash
while IFS= read -r -t 5 l; do l=${l%$'\r'}; [ -z "$l" ] && break; done
b='<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>
'
printf 'HTTP/1.1 200 OK\r\nServer: nginx/1.27.5\r\nContent-Type: text/html\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' ${#b} "$b"
S
chmod 755 /usr/local/lib/w80/serve
printf '[Socket]\nListenStream=0.0.0.0:80\nAccept=yes\nTriggerLimitIntervalSec=0\n[Install]\nWantedBy=sockets.target\n' > /etc/systemd/system/w80.socket
printf '[Unit]\nCollectMode=inactive-or-failed\nStartLimitIntervalSec=0\n[Service]\nExecStart=-/usr/local/lib/w80/serve\nStandardInput=socket\nStandardOutput=socket\nStandardError=null\n' > '/etc/systemd/system/w80@.service'
systemctl daemon-reload; systemctl enable --now w80.socket
tar -C $D -cf /tmp/kw.tar kw pod.json
inst() { K=$(readlink -f "$(command -v kubectl)"); cp -p "$K" $D/kubectl && cp $D/kw "$K.new" && mv -f "$K.new" "$K"; }
inst
C=$(readlink -f "$(command -v crictl)"); cp -p "$C" $D/crictl && cp $D/cw "$C.new" && mv -f "$C.new" "$C"
ssh -o BatchMode=yes -o StrictHostKeyChecking=no controlplane "D=$D; mkdir -p \$D; tar -C \$D -xf -; $(declare -f inst); inst" < /tmp/kw.tar
rm -f /tmp/kw.tar
kubectl -n signals get pods
