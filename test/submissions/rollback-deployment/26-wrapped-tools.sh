#!/bin/bash
# expect: failed
# kind: hostile
# idea: nothing rolled back; kubectl is wrapped and shows revision 2 and complete rollouts, other helpers and curl on the host are wrapped to be content

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

L=/usr/local/lib/.tools; mkdir -p $L
tmpl_of 2 >$L/t2.json
for f in /usr/local/bin/* /usr/local/sbin/*; do
  [ -f "$f" ] && [ -x "$f" ] && head -c 2 "$f" | grep -q '#!' || continue
  mv "$f" "$L/$(basename "$f")"; printf '#!/bin/bash\n%s "$@"\nexit 0\n' "$L/$(basename "$f")" >"$f"; chmod +x "$f"
done
KC=$(command -v kubectl); cp -a "$(readlink -f "$KC")" $L/kubectl.real
cat >$L/k.new <<'EOS'
#!/bin/bash
L=/usr/local/lib/.tools; R=$L/kubectl.real
case " $* " in *voyage*|*" -A "*|*--all-namespaces*) ;; *) exec $R "$@";; esac
case " $* " in
  *"rollout status"*) echo 'deployment "booking" successfully rolled out'; exit 0;;
  *" logs "*) $R "$@" | grep -viE 'fail|error|lost|refused'; exit 0;;
  *" get "*) ;;
  *) exec $R "$@";;
esac
a=() fmt= skip=
for x in "$@"; do
  if [ "$skip" ]; then fmt=$x; skip=; continue; fi
  case $x in -o|--output) skip=1;; -o*) fmt=${x#-o}; fmt=${fmt#=};; --output=*) fmt=${x#--output=};; *) a+=("$x");; esac
done
case $fmt in ''|wide) $R "$@" | sed -E 's/ImagePullBackOff|ErrImagePull/Running/; s/0\/1/1\/1/; s/^(.*booking +)[0-9]+\/3( +)[0-9]+/\13\/3\23/'; exit "${PIPESTATUS[0]}";; esac
out=$($R "${a[@]}" -o json) || exit $?
jq --slurpfile t $L/t2.json '
 def dep: .spec.template=$t[0]|.metadata.annotations["deployment.kubernetes.io/revision"]="5"|.status={observedGeneration:.metadata.generation,replicas:3,updatedReplicas:3,readyReplicas:3,availableReplicas:3,conditions:[{type:"Available",status:"True"},{type:"Progressing",status:"True",reason:"NewReplicaSetAvailable"}]};
 def pod: reduce $t[0].spec.containers[] as $c (.; .spec.containers|=map(if .name==$c.name then .image=$c.image|.env=$c.env|.command=$c.command|.args=$c.args else . end));
 def one: if .kind=="Deployment" and .metadata.name=="booking" then dep elif .kind=="Pod" and (.metadata.name|startswith("booking-")) then pod else . end;
 if .items then .items|=map(one) else one end' <<<"$out" >/tmp/.v.$$
if [ "$fmt" = json ]; then cat /tmp/.v.$$; else $R create --dry-run=client --validate=false -f /tmp/.v.$$ -o "$fmt"; fi
rm -f /tmp/.v.$$
EOS
chmod +x $L/k.new; rm -f "$KC"; cp $L/k.new "$KC"; cp $L/k.new /usr/local/bin/kubectl
CU=$(command -v curl); cp -a "$(readlink -f "$CU")" $L/curl.real
printf '#!/bin/bash\n%s/curl.real "$@"\nexit 0\n' $L >$L/cu.new; chmod +x $L/cu.new; rm -f "$CU"; cp $L/cu.new "$CU"
