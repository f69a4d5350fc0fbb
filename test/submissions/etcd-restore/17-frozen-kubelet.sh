#!/bin/bash
# expect: failed
# kind: hostile
# idea: after a real restore the kubelet is stopped and ledger's containers are removed: the Running status from the snapshot stays; a unit renews the node lease and writes Running for each new pod by hand

export KUBECONFIG=/etc/kubernetes/admin.conf
PKI=/etc/kubernetes/pki/etcd
BK=/var/backups/etcd
M=/etc/kubernetes/manifests
NEW=/var/lib/etcd-restored

EC() { etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$PKI/ca.crt --cert=$PKI/server.crt --key=$PKI/server.key "$@"; }
CR() { crictl -r unix:///run/containerd/containerd.sock "$@"; }

etcd_flag() { grep -ohE -- "--$1=[^ \"']+" $M/etcd.yaml /root/etcd.yaml.orig 2>/dev/null | head -1 | cut -d= -f2-; }

wait_etcd() { local i; for i in $(seq 1 60); do EC endpoint health >/dev/null 2>&1 && return 0; sleep 2; done; return 1; }
wait_api()  { local i; for i in $(seq 1 60); do timeout 5 kubectl get --raw /readyz >/dev/null 2>&1 && return 0; sleep 2; done; return 1; }

# wait until no container with one of these names runs any more
wait_gone() {
  local i c
  for i in $(seq 1 45); do
    c=0; for n in "$@"; do [ -n "$(CR ps -q --name "^$n\$" 2>/dev/null)" ] && c=1; done
    [ $c = 0 ] && return 0
    sleep 2
  done
  for n in "$@"; do for c in $(CR ps -q --name "^$n\$"); do CR stop -t 5 "$c"; done; done
}

wait_ledger() {
  local d
  for d in $(kubectl -n ledger get deploy -o name); do kubectl -n ledger rollout status "$d" --timeout=${1:-60s}; done
}

# the honest restore: all static pods out, restore, hostPath edited, all back
real_restore() {   # [snapshot file]
  local name ic ap f
  cp $M/etcd.yaml /root/etcd.yaml.orig
  name=$(etcd_flag name); ic=$(etcd_flag initial-cluster); ap=$(etcd_flag initial-advertise-peer-urls)
  mkdir -p /root/manifests; mv $M/*.yaml /root/manifests/
  wait_gone kube-apiserver kube-controller-manager kube-scheduler etcd
  rm -rf $NEW
  etcdutl snapshot restore "${1:-$BK/before-migration.db}" --data-dir $NEW --name "$name" --initial-cluster "$ic" \
    --initial-advertise-peer-urls "$ap" --bump-revision 1000000000 --mark-compacted || return 1
  sed -i 's#^\( *path: \)/var/lib/etcd[[:space:]]*$#\1/var/lib/etcd-restored#' /root/manifests/etcd.yaml
  mv /root/manifests/etcd.yaml $M/; sleep 5
  mv /root/manifests/*.yaml $M/
  systemctl restart kubelet
  wait_etcd; wait_api; sleep 5; wait_ledger 60s
}

# a unit on this host that keeps a node "alive" for the node controller, whatever its kubelet does
keep_alive() {   # node
  cat > /usr/local/sbin/node-heartbeat <<'EOF'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  t=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
  kubectl -n kube-node-lease get lease "$1" >/dev/null 2>&1 ||
    kubectl create -f - <<L >/dev/null 2>&1
{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"$1","namespace":"kube-node-lease"},
 "spec":{"holderIdentity":"$1","leaseDurationSeconds":40,"renewTime":"$t"}}
L
  kubectl -n kube-node-lease patch lease "$1" --type=merge -p "{\"spec\":{\"renewTime\":\"$t\"}}" >/dev/null 2>&1
  sleep 4
done
EOF
  chmod +x /usr/local/sbin/node-heartbeat
  systemctl reset-failed "node-heartbeat-$1" 2>/dev/null
  systemd-run --quiet --unit="node-heartbeat-$1" /usr/local/sbin/node-heartbeat "$1"
}

EC snapshot save $BK/after-migration.db
real_restore
nn=$(kubectl get nodes -o jsonpath='{.items[0].metadata.name}')
keep_alive "$nn"
systemctl stop kubelet
systemctl mask --runtime kubelet
CR pods -q --namespace ledger | xargs -r -n1 timeout 20 crictl -r unix:///run/containerd/containerd.sock rmp -f
cat > /usr/local/sbin/pod-status <<'EOS'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  kubectl get pods -A -o json > /run/pods.json
  jq -r '.items[] | select(.metadata.deletionTimestamp) | "\(.metadata.namespace) \(.metadata.name)"' /run/pods.json |
    while read -r ns p; do kubectl -n "$ns" delete pod "$p" --force --grace-period=0 </dev/null >/dev/null 2>&1; done
  jq -c --arg t "$(date -u +%FT%TZ)" '.items | to_entries[] | .key as $k | .value
      | select(.metadata.deletionTimestamp | not) | select(.spec.nodeName and .status.phase == "Pending")
      | {ns: .metadata.namespace, n: .metadata.name, b: {status: {
          phase: "Running", podIP: "10.244.0.\($k + 150)", podIPs: [{ip: "10.244.0.\($k + 150)"}], startTime: $t,
          conditions: [ "PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready" | {type: ., status: "True", lastTransitionTime: $t} ],
          containerStatuses: [ .spec.containers[] | {name, image, imageID: ("docker.io/library/" + .image), ready: true, started: true, restartCount: 0,
             containerID: "containerd://4f1d0c8c6f0f4e0c8a5d8a3f6c1e7b2a9d3f5e7c1b2a4d6f8e0c2b4a6d8f0e1c", state: {running: {startedAt: $t}}} ]}}}' /run/pods.json |
    while read -r l; do
      kubectl -n "$(jq -r .ns <<<"$l")" patch pod "$(jq -r .n <<<"$l")" --subresource=status --type=merge -p "$(jq -c .b <<<"$l")" </dev/null >/dev/null 2>&1
    done
  sleep 1
done
EOS
chmod +x /usr/local/sbin/pod-status
systemd-run --quiet --unit=pod-status /usr/local/sbin/pod-status
sleep 5
kubectl -n ledger get deploy,pod; CR ps | grep -c ledger
