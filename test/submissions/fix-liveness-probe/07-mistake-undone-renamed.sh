#!/bin/bash
# expect: passed
# kind: right
# idea: a wrong image first, undone by rollout undo, scaled down and up; then the right probe, and the container gets another name

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

discover; forget
R=$(k get deploy beacon -o jsonpath='{.spec.replicas}')
k set image deploy/beacon "$C=registry.invalid/nothing:0"
sleep 3
k rollout undo deploy/beacon
k scale deploy beacon --replicas=0
k get deploy beacon -o json | jq --argjson i "$CI" --argjson l "$(probe 6 3)" --argjson s "$(probe 3 "$SUN")" '
  del(.status,.metadata.managedFields)
  | .spec.template.metadata.annotations["kubectl.kubernetes.io/default-container"]="lamp"
  | .spec.template.spec.containers[$i] |= (.name="lamp"|.livenessProbe=$l|.startupProbe=$s)' | jq 'del(.metadata.resourceVersion)' >/tmp/b.json
k replace -f /tmp/b.json
k scale deploy beacon --replicas="${R:-1}"
wait_up
