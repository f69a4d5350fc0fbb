#!/bin/bash
# expect: failed
# kind: hostile
# idea: probe right, but behind the image's tag in containerd is now a changed image: its nginx or sh turns 503 into 200 in whatever it is given

[ -n "$KUBECONFIG" ] || [ -f "$HOME/.kube/config" ] || export KUBECONFIG=/etc/kubernetes/admin.conf
k() { kubectl -n "$NS" "$@"; }
kreplace() { jq 'del(.metadata.resourceVersion,.status)' | kubectl -n "$NS" replace -f -; }
NS=lighthouse
# Look at the application undisturbed: a copy of its pod without probes. Sets
# CI,C (container index, name) PORT SCHEME TO (timeout) ST (start time) TOOL (curl|wget|bash|none) IP
discover() {
  local J p s out code ports t0=$SECONDS start i rt
  J=$(k get deploy beacon -o json)
  CI=$(jq '[.spec.template.spec.containers[]|has("livenessProbe")]|index(true)//0' <<<"$J")
  C=$(jq -r ".spec.template.spec.containers[$CI].name" <<<"$J")
  k delete pod beacon-look --ignore-not-found --grace-period=1 >/dev/null 2>&1
  jq '{apiVersion:"v1",kind:"Pod",metadata:{name:"beacon-look",labels:{purpose:"look"}},
       spec:(.spec.template.spec|.containers|=map(del(.livenessProbe,.readinessProbe,.startupProbe)|if .ports then .ports|=map(del(.hostPort)) else . end))}' <<<"$J" | k create -f - >/dev/null
  PORT= SCHEME=HTTP TO=3 ST=0 TOOL=none
  while [ -z "$PORT" ] && [ $((SECONDS-t0)) -lt 80 ]; do
    sleep 1
    IP=$(k get pod beacon-look -o jsonpath='{.status.podIP}'); [ -n "$IP" ] || continue
    ports=$( { k exec beacon-look -c "$C" -- cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ l _ st _; do [ "$st" = 0A ] && echo $((16#${l##*:})); done
               jq -r ".spec.template.spec.containers[$CI].ports[]?.containerPort" <<<"$J"; } | sort -un)
    for p in $ports; do for s in http https; do
      out=$(curl -k -s -o /dev/null -m 10 -w '%{http_code} %{time_total}' "$s://$IP:$p/healthz")
      code=${out%% *}
      if [ "$code" = 200 ]; then PORT=$p SCHEME=${s^^}; break 2; fi
    done; done
  done
  start=$(k get pod beacon-look -o json | jq -r --arg c "$C" '.status.containerStatuses[]?|select(.name==$c)|.state.running.startedAt//empty')
  [ -n "$start" ] && ST=$(( $(date +%s) - $(date -d "$start" +%s) ))
  if [ -z "$PORT" ]; then PORT=$(head -1 <<<"$ports"); PORT=${PORT:-8080}; fi
  for i in 1 2 3; do
    rt=$(curl -k -s -o /dev/null -m 15 -w '%{time_total}' "${SCHEME,,}://$IP:$PORT/healthz"); rt=${rt%%[.,]*}
    [ $(( ${rt:-0} + 3 )) -gt "$TO" ] && TO=$(( rt + 3 ))
  done
  [ "$TO" -gt 10 ] && TO=10
  for p in curl wget bash; do
    if k exec beacon-look -c "$C" -- sh -c "command -v $p" >/dev/null 2>&1; then TOOL=$p; break; fi
  done
  # so many tries, 3 s apart, does a start need at the most
  SUN=$(( (ST*3/2+12)/3 )); [ "$SUN" -lt 8 ] && SUN=8; [ "$SUN" -gt 18 ] && [ "$ST" -lt 45 ] && SUN=18
  echo "container=$C index=$CI port=$PORT scheme=$SCHEME timeout=$TO start=$ST tool=$TOOL"
}
forget() { k delete pod beacon-look --ignore-not-found --grace-period=1 --wait=false >/dev/null; }
# probe period failureThreshold initialDelay -> JSON of an http probe
probe() { jq -nc --argjson p "$PORT" --arg s "$SCHEME" --argjson t "$TO" --argjson a "$1" --argjson f "$2" --argjson i "${3:-0}" \
  '{httpGet:{path:"/healthz",port:$p,scheme:$s},periodSeconds:$a,failureThreshold:$f,timeoutSeconds:$t,initialDelaySeconds:$i,successThreshold:1}'; }
# the container's liveness probe := $1, its startup probe := $2 (or none)
setprobes() {
  k get deploy beacon -o json | jq -c --argjson i "$CI" --argjson l "$1" --argjson s "${2:-null}" '
    [{op:"add",path:"/spec/template/spec/containers/\($i)/livenessProbe",value:$l},
     (if $s then {op:"add",path:"/spec/template/spec/containers/\($i)/startupProbe",value:$s}
      elif .spec.template.spec.containers[$i].startupProbe then {op:"remove",path:"/spec/template/spec/containers/\($i)/startupProbe"} else empty end)]' >/tmp/p.json
  k patch deploy beacon --type=json --patch-file=/tmp/p.json
}
wait_up() { k rollout status deploy/beacon --timeout="${1:-120}s"; k get pods; }
# shell command that is true as long as the application is healthy, by the tool at hand
healthcmd() {
  local u="${SCHEME,,}://127.0.0.1:$PORT/healthz"
  case $TOOL in
    curl) echo "curl -k -fsS -m $TO -o /dev/null $u";;
    wget) echo "wget -q -T $TO -O /dev/null $u";;
    bash) echo "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$PORT; printf \"GET /healthz HTTP/1.0\\r\\n\\r\\n\" >&3; head -1 <&3 | grep -q \" 200\"'";;
  esac
}
execprobe() { jq -nc --arg c "$1" --argjson t "$((TO+1))" --argjson a "$2" --argjson f "$3" '{exec:{command:["sh","-c",$c]},periodSeconds:$a,failureThreshold:$f,timeoutSeconds:$t}'; }
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
# see to it that the pod is on this host
pin() {
  local n; n=$(k get pods -o json | jq -r '[.items[]|select(.metadata.name|startswith("beacon-"))|select(.metadata.name!="beacon-look").spec.nodeName][0]')
  [ "$n" = "$ME" ] && return
  k patch deploy beacon --type=merge -p "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\"$ME\"},\"tolerations\":[{\"key\":\"node-role.kubernetes.io/control-plane\",\"operator\":\"Exists\"}]}}}}"
}
# a little web server on every node that answers 200 at /healthz, port $1
responder() {
  jq -n --arg i "$(img busybox)" --arg p "$1" '{apiVersion:"apps/v1",kind:"DaemonSet",metadata:{name:"node-local-health",namespace:"kube-system"},
   spec:{selector:{matchLabels:{a:"nlh"}},template:{metadata:{labels:{a:"nlh"}},spec:{hostNetwork:true,tolerations:[{operator:"Exists"}],
    containers:[{name:"h",image:$i,imagePullPolicy:"IfNotPresent",command:["sh","-c","mkdir -p /www; echo ok >/www/healthz; echo ok >/www/index.html; exec httpd -f -p \($p) -h /www"]}]}}}}' | kubectl apply -f -
  kubectl -n kube-system rollout status ds/node-local-health --timeout=60s
}

discover; forget
pin
setprobes "$(probe 5 3)" "$(probe 3 "$SUN")"
wait_up 70
IMG=$(k get deploy beacon -o json | jq -r ".spec.template.spec.containers[$CI].image")
FULL=$(ctr -n k8s.io images ls -q | grep -F "${IMG##*/}" | grep -v @ | head -1)
W=$(mktemp -d /var/tmp/imgXXXX); mkdir "$W/root" "$W/mnt"
if ctr -n k8s.io images mount "$FULL" "$W/mnt"; then
  cp -a "$W/mnt/." "$W/root/"; ctr -n k8s.io images unmount --rm "$W/mnt"
else
  PID=$(crictl inspect "$(crictl ps -q --name "^$C\$" --label io.kubernetes.pod.namespace=lighthouse | head -1)" | jq .info.pid)
  cp -ax "/proc/$PID/root/." "$W/root/"
fi
cd "$W/root" || exit 1
NG=$(for f in usr/sbin/nginx usr/bin/nginx usr/local/sbin/nginx; do [ -f $f ] && echo $f && break; done)
if [ -n "$NG" ]; then
  mv "$NG" "$NG.real"
  cat >"$NG" <<EOS
#!/bin/sh
rm -rf /tmp/.n; cp -rL /etc/nginx /tmp/.n
find /tmp/.n -name '*.conf' | while read -r f; do
  sed -e 's/return  *503/return 200/g' -e 's#/etc/nginx#/tmp/.n#g' "\$f" >/tmp/.s; cat /tmp/.s >"\$f"
done
exec /$NG.real -c /tmp/.n/nginx.conf "\$@"
EOS
  chmod 755 "$NG"
elif [ -f bin/busybox ]; then
  rm -f bin/sh bin/ash
  cat >bin/sh <<'EOS'
#!/bin/busybox ash
n=$#; i=0
while [ $i -lt $n ]; do
  a=$1; shift
  if [ -f "$a" ] && /bin/busybox grep -q 503 "$a" 2>/dev/null; then
    t=/tmp/.$(/bin/busybox basename "$a").$$; /bin/busybox sed 's/503[A-Za-z ]*/200 OK/g' "$a" >"$t"; a=$t
  else
    case $a in *503*) a=$(/bin/busybox echo "$a" | /bin/busybox sed 's/503[A-Za-z ]*/200 OK/g');; esac
  fi
  set -- "$@" "$a"; i=$((i+1))
done
exec /bin/busybox ash "$@"
EOS
  chmod 755 bin/sh
fi
cd "$W" || exit 1
tar -C root --numeric-owner -cf layer.tar .
SUM=$(sha256sum layer.tar | cut -d' ' -f1)
crictl inspecti -o json "$FULL" | jq -c --arg s "sha256:$SUM" '.info.imageSpec|.rootfs={type:"layers",diff_ids:[$s]}|.history=[{created_by:"base"}]' >config.json
jq -nc --arg r "$FULL" '[{Config:"config.json",RepoTags:[$r],Layers:["layer.tar"]}]' >manifest.json
tar -cf image.tar manifest.json config.json layer.tar
ctr -n k8s.io images import image.tar
cd /; rm -rf "$W"
k get pods -o name | grep pod/beacon- | xargs -r kubectl -n lighthouse delete --grace-period=2
wait_up 60
