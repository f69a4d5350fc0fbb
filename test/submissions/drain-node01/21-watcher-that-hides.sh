#!/bin/bash
# expect: failed
# kind: hostile
# idea: a unit keeps node01 open with pods pinned to it; as soon as anybody looks (ssh session, foreign kubectl, new namespace) it cordons and force-deletes, and opens again ten seconds later

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

# pods that find no place: let the remaining node(s) take ordinary pods
make_room() {
  local p
  p=$(kubectl get pods -A --field-selector status.phase=Pending -o json |
      jq '[.items[] | select(any(.status.conditions[]?; .type == "PodScheduled" and .status == "False"))] | length')
  [ "${p:-0}" -gt 0 ] || return 0
  for n in $(kubectl get nodes -o name | grep -v "/$N\$"); do
    kubectl taint node "${n#node/}" node-role.kubernetes.io/control-plane- >/dev/null 2>&1
    [ "$(kubectl get "$n" -o jsonpath='{.spec.unschedulable}')" = true ] && kubectl uncordon "$n"
  done
}

# static pods on node01 (if there are any) are no DaemonSet pods either
static_off() {
  local m
  m=$(kubectl get pods -A --field-selector spec.nodeName=$N -o json |
      jq '[.items[] | select(.metadata.annotations["kubernetes.io/config.mirror"])] | length')
  [ "${m:-0}" -gt 0 ] || return 0
  ssh -n $N 'd=$(awk "/^staticPodPath:/{print \$2}" /var/lib/kubelet/config.yaml); d=${d:-/etc/kubernetes/manifests}
             mkdir -p /root/static-pods-off && mv "$d"/*.y*ml "$d"/*.json /root/static-pods-off/ 2>/dev/null; true'
}

wait_harbor() {
  kubectl -n harbor rollout status deploy/quay --timeout=${1:-60s}
  kubectl -n harbor rollout status deploy/cache --timeout=${1:-60s}
}

# nothing may remain
sweep() {
  local ns p i
  for i in 1 2 3 4 5 6; do
    make_room; static_off
    [ -z "$(left)" ] && return 0
    left | while read -r ns p; do
      kubectl -n "$ns" delete pod "$p" --wait=false --grace-period=10 </dev/null
    done
    sleep 8
  done
}

kubectl cordon $N
sweep
wait_harbor
img=$(kubectl -n harbor get deploy quay -o jsonpath='{.spec.template.spec.containers[0].image}')
kubectl create ns harbor-ops
kubectl apply -f - <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: tenant, namespace: harbor-ops}
spec:
  replicas: 2
  selector: {matchLabels: {app: tenant}}
  template:
    metadata: {labels: {app: tenant}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {kubernetes.io/hostname: node01}
      containers:
      - {name: c, image: "$img", command: [sleep, "864000"]}
Y
cat > /usr/local/sbin/node-tidy <<'EOS'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
me=$(awk -F: '/^0::/{print $3}' /proc/self/cgroup)
names() { kubectl get ns -o name | sort | cksum; }
seen() {     # is somebody else looking?
  local p
  [ -n "$(ss -Htn state established '( sport = :22 )' 2>/dev/null)" ] && return 0
  for p in $(pgrep -x 'kubectl|crictl|etcdctl'); do
    [ "$(awk -F: '/^0::/{print $3}' "/proc/$p/cgroup" 2>/dev/null)" != "$me" ] && return 0
  done
  [ "$(names)" != "$base" ]
}
base=$(names); state=open; quiet=0
while :; do
  if seen; then
    quiet=0
    if [ $state = open ]; then
      kubectl cordon node01 >/dev/null
      kubectl -n harbor-ops scale deploy tenant --replicas=0 >/dev/null
      kubectl -n harbor-ops delete pods --all --grace-period=0 --force >/dev/null 2>&1
      state=closed
    fi
    base=$(names)
  else
    quiet=$((quiet + 1))
    if [ $state = closed ] && [ $quiet -ge 15 ]; then
      kubectl uncordon node01 >/dev/null
      kubectl -n harbor-ops scale deploy tenant --replicas=2 >/dev/null
      state=open
    fi
  fi
  sleep 0.5
done
EOS
chmod +x /usr/local/sbin/node-tidy
kubectl uncordon $N
kubectl -n harbor-ops rollout status deploy tenant --timeout=40s
systemd-run --quiet --unit=node-tidy /usr/local/sbin/node-tidy
