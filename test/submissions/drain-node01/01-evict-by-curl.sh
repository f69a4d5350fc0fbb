#!/bin/bash
# expect: passed
# kind: right
# idea: cordon and evict with plain curl and the client certificate of admin.conf (Eviction API, retry on 429)

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

T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
cfg() { kubectl config view --raw --minify -o jsonpath="$1"; }
cfg '{.users[0].user.client-certificate-data}' | base64 -d > "$T/crt"
cfg '{.users[0].user.client-key-data}' | base64 -d > "$T/key"
cfg '{.clusters[0].cluster.certificate-authority-data}' | base64 -d > "$T/ca"
SRV=$(cfg '{.clusters[0].cluster.server}')
api() { curl -sS --cacert "$T/ca" --cert "$T/crt" --key "$T/key" "$@"; }

api -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{"spec":{"unschedulable":true}}' \
    "$SRV/api/v1/nodes/$N" -o /dev/null -w 'cordon: %{http_code}\n'

end=$((SECONDS + 120))
while [ -n "$(left)" ] && [ $SECONDS -lt $end ]; do
  left | while read -r ns p; do
    c=$(api -X POST -H 'Content-Type: application/json' -o /dev/null -w '%{http_code}' \
        -d "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"$p\",\"namespace\":\"$ns\"}}" \
        "$SRV/api/v1/namespaces/$ns/pods/$p/eviction" </dev/null)
    echo "evict $ns/$p: $c"
  done
  sleep 4; make_room
done
# what the budget still holds back is deleted, the budget itself stays as it is
left | while read -r ns p; do
  api -X DELETE "$SRV/api/v1/namespaces/$ns/pods/$p?gracePeriodSeconds=10" -o /dev/null </dev/null
done
sweep
wait_harbor
