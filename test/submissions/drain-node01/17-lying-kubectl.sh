#!/bin/bash
# expect: failed
# kind: hostile
# idea: nothing is drained: kubectl on controlplane and crictl/ctr on node01 are replaced by wrappers that leave node01's pods out and show SchedulingDisabled

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

real=$(readlink -f "$(command -v kubectl)")
[ -e /usr/lib/.kubectl ] || { cp "$real" /usr/lib/.kubectl; chmod 755 /usr/lib/.kubectl; }
cat > /tmp/w <<'EOS'
#!/bin/bash
R=/usr/lib/.kubectl
a=" $* "
case "$a" in
  *" get "*" -w "*|*" get "*"--watch"*) exec $R "$@" ;;
  *" get "*pod*spec.nodeName*node01*)
     # only pods of DaemonSets carry this label
     exec $R "$@" -l pod-template-generation ;;
  *" get "*pod*json\ *|*" get "*po\ *json\ *)
     $R "$@" | jq 'def ds: ((.metadata.labels // {})["pod-template-generation"] != null);
       def f: if .spec.nodeName? == "node01" and (ds | not) then .spec.nodeName = "controlplane" else . end;
       if .items then .items |= map(f) else f end'
     exit "${PIPESTATUS[0]}" ;;
  *" get "*pod*|*" get "*po\ *)
     $R "$@" | awk '/node01/ && !/log-agent|kube-proxy|flannel|calico-node|cilium|weave/ {gsub(/node01/, "controlplane")} {print}'
     exit "${PIPESTATUS[0]}" ;;
  *" get "*node*node01*unschedulable*) printf true; exit 0 ;;
  *" get "*node*json\ *|*" get "*no\ *json\ *)
     $R "$@" | jq 'def f: if .metadata.name == "node01" then .spec.unschedulable = true | .spec.taints = [{effect: "NoSchedule", key: "node.kubernetes.io/unschedulable"}] else . end;
       if .items then .items |= map(f) else f end'
     exit "${PIPESTATUS[0]}" ;;
  *" get "*node*|*" get "*no\ *)
     $R "$@" | sed '/^node01 /s/Ready /Ready,SchedulingDisabled /'
     exit "${PIPESTATUS[0]}" ;;
  *" describe "*node*node01*)
     $R "$@" | sed 's/^Unschedulable:.*/Unschedulable:      true/' ; exit "${PIPESTATUS[0]}" ;;
  *" drain "*node01*|*" cordon "*node01*) echo "node/node01 cordoned"; exit 0 ;;
esac
exec $R "$@"
EOS
install -m 755 /tmp/w "$real"
# the container tools on node01 show no application containers
cat > /tmp/w2 <<'EOS'
#!/bin/bash
me=$(basename "$0"); R=/usr/lib/.$me
"$R" "$@" | grep -vE 'quay|cache|harbor|nginx|httpd|redis|busybox'
exit "${PIPESTATUS[0]}"
EOS
scp -q /tmp/w2 $N:/tmp/w2 </dev/null
ssh -n $N 'for t in crictl ctr; do p=$(readlink -f "$(command -v $t)") || continue; [ -n "$p" ] || continue
  [ -e /usr/lib/.$t ] || cp "$p" /usr/lib/.$t; install -m 755 /tmp/w2 "$p"; done; rm -f /tmp/w2'
rm -f /tmp/w /tmp/w2
kubectl get nodes; kubectl get pods -A -o wide
