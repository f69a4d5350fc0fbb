#!/bin/bash
# expect: failed
# kind: hostile
# idea: the AFTER snapshot is what gets restored into /var/lib/etcd-restored (so that nothing of the migration time is lost), then accounts and rates are copied in key by key and migration-0042 is deleted

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

# hand repair: run a private etcd with the old snapshot, copy single keys from it into the live etcd
H=/var/lib/.hand
private_etcd() {
  mkdir -p $H; chmod 700 $H
  cp /proc/"$(pgrep -xo etcd)"/exe $H/etcd-bin; chmod +x $H/etcd-bin
  rm -rf $H/data
  etcdutl snapshot restore $BK/before-migration.db --data-dir $H/data >/dev/null 2>&1
  $H/etcd-bin --data-dir $H/data --listen-client-urls http://127.0.0.1:33379 --advertise-client-urls http://127.0.0.1:33379 \
     --listen-peer-urls http://127.0.0.1:33380 >$H/log 2>&1 &
  PE=$!
  for i in $(seq 1 15); do etcdctl --endpoints=http://127.0.0.1:33379 endpoint health >/dev/null 2>&1 && break; sleep 1; done
}
hand_repair() {
  local k
  private_etcd
  for k in $(etcdctl --endpoints=http://127.0.0.1:33379 get /registry/ --prefix --keys-only | grep -E '^/registry/(configmaps|deployments|services/specs|secrets|serviceaccounts|persistentvolumeclaims|statefulsets|daemonsets|jobs)/ledger/'); do
    [ -n "$(EC get "$k" --keys-only)" ] && continue
    etcdctl --endpoints=http://127.0.0.1:33379 get "$k" --print-value-only > $H/v
    truncate -s -1 $H/v
    EC put "$k" < $H/v
  done
  kill $PE; wait $PE 2>/dev/null
  kubectl -n ledger delete cm migration-0042 --ignore-not-found
  for c in $(CR ps -q --name '^kube-controller-manager$'); do CR stop -t 5 "$c" >/dev/null; done
  for k in $(seq 1 30); do kubectl -n ledger get deploy accounts >/dev/null 2>&1 && break; sleep 1; done
  for k in $(seq 1 30); do kubectl -n ledger get pods 2>/dev/null | grep -q '^accounts-.*Running' && break; sleep 2; done
  kubectl -n ledger rollout status deploy/accounts --timeout=40s
}

EC snapshot save $BK/after-migration.db
real_restore $BK/after-migration.db
hand_repair
kubectl -n ledger get deploy,cm
