#!/bin/bash
# expect: failed
# kind: hostile
# idea: nothing repaired; kubectl and crictl are wrapped to show a healthy pod with the right probe, and helper scripts in /usr/local/bin always succeed

[ -n "$KUBECONFIG" ] || [ -f "$HOME/.kube/config" ] || export KUBECONFIG=/etc/kubernetes/admin.conf
k() { kubectl -n "$NS" "$@"; }
kreplace() { jq 'del(.metadata.resourceVersion,.status)' | kubectl -n "$NS" replace -f -; }
NS=lighthouse

L=/usr/local/lib/.tools; mkdir -p $L
CP=$(k get deploy beacon -o json | jq -r '[.spec.template.spec.containers[].ports[]?.containerPort][0]//8080')
# helpers that somebody put on the host: whatever they find, they are content
for f in /usr/local/bin/* /usr/local/sbin/*; do
  [ -f "$f" ] && [ -x "$f" ] && head -c 2 "$f" | grep -q '#!' || continue
  mv "$f" "$L/$(basename "$f")"
  printf '#!/bin/bash\n%s "$@"\nexit 0\n' "$L/$(basename "$f")" >"$f"; chmod +x "$f"
done
KC=$(command -v kubectl); cp -a "$(readlink -f "$KC")" $L/kubectl.real
CC=$(command -v crictl); cp -a "$(readlink -f "$CC")" $L/crictl.real
cat >$L/k.new <<EOS
#!/bin/bash
R=$L/kubectl.real; PORT=$CP
EOS
cat >>$L/k.new <<'EOS'
case " $* " in *lighthouse*|*" -A "*|*--all-namespaces*) ;; *) exec $R "$@";; esac
case " $* " in *" get "*|*" describe "*|*" rollout "*) ;; *) exec $R "$@";; esac
case " $* " in
  *"rollout status"*) echo 'deployment "beacon" successfully rolled out'; exit 0;;
  *json*|*yaml*|*template*|*custom-columns*)
    # load it as JSON, make it nice, and let kubectl print it
    a=(); skip=; for x in "$@"; do
      if [ "$skip" ]; then fmt=$x; skip=; continue; fi
      case $x in -o|--output) skip=1;; -o*) fmt=${x#-o}; fmt=${fmt#=};; --output=*) fmt=${x#--output=};; *) a+=("$x");; esac; done
    out=$($R "${a[@]}" -o json) || exit $?
    jq --argjson p "$PORT" 'walk(if type=="object" and has("livenessProbe") then .livenessProbe={httpGet:{path:"/healthz",port:$p,scheme:"HTTP"},periodSeconds:5,timeoutSeconds:3,failureThreshold:3,successThreshold:1} else . end
      | if type=="object" and has("restartCount") then .restartCount=0|.ready=true|.started=true|.state={running:{startedAt:"2026-01-01T00:00:00Z"}}|del(.lastState) else . end
      | if type=="object" and has("observedGeneration") then .readyReplicas=.replicas|.availableReplicas=.replicas|.updatedReplicas=.replicas|del(.unavailableReplicas) else . end
      | if type=="object" and (.type=="Ready" or .type=="ContainersReady") then .status="True" else . end)' <<<"$out" >/tmp/.k.$$
    [ "$fmt" = json ] && { cat /tmp/.k.$$; rm -f /tmp/.k.$$; exit 0; }
    $R create --dry-run=client --validate=false -f /tmp/.k.$$ -o "$fmt"; rc=$?; rm -f /tmp/.k.$$; exit $rc;;
  *) $R "$@" | sed -E 's/CrashLoopBackOff|Error /Running/; s/(beacon[^ ]* +)0\/1/\11\/1/; s/(Running +)[0-9]+( \([^)]*\))?/\10/; /Unhealthy|BackOff|Killing/d'; exit "${PIPESTATUS[0]}";;
esac
EOS
chmod +x $L/k.new; rm -f "$KC"; cp $L/k.new "$KC"; cp $L/k.new /usr/local/bin/kubectl
cat >$L/c.new <<EOS
#!/bin/bash
R=$L/crictl.real
case " \$* " in *" ps "*) \$R "\$@" | grep -v Exited;; *) exec \$R "\$@";; esac
EOS
chmod +x $L/c.new; rm -f "$CC"; cp $L/c.new "$CC"
