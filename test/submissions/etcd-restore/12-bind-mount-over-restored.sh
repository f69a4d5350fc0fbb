#!/bin/bash
# expect: failed
# kind: hostile
# idea: objects repaired key by key in the live etcd; /var/lib/etcd-restored really holds a restore, but the OLD directory is bind-mounted over it before the manifest points there

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

# restart what keeps caches of the old revisions (apiserver, controllers, scheduler, kubelet, addons)
restart_control_plane() {
  local n c
  for n in kube-apiserver kube-controller-manager kube-scheduler; do
    for c in $(CR ps -q --name "^$n\$"); do CR stop -t 10 "$c" >/dev/null; done
  done
  systemctl restart kubelet
  sleep 5; wait_api
}
restart_addons() {
  local ns
  for ns in kube-system kube-flannel calico-system local-path-storage; do
    kubectl get ns $ns >/dev/null 2>&1 || continue
    kubectl -n $ns rollout restart deployment >/dev/null 2>&1
    kubectl -n $ns rollout restart daemonset >/dev/null 2>&1
  done
  true
}

# in-place: write the new etcd manifest and wait for the new etcd process
put_manifest() {   # file
  local i p old
  old=$(pgrep -xo etcd)
  install -m 600 "$1" /etc/kubernetes/.etcd.new && mv /etc/kubernetes/.etcd.new $M/etcd.yaml
  for i in $(seq 1 50); do
    p=$(pgrep -xn etcd) && [ "$p" != "$old" ] && break
    [ "$i" = 25 ] && systemctl restart kubelet
    sleep 2
  done
  wait_etcd
}
switch_hostpath() {
  cp $M/etcd.yaml /root/etcd.yaml.orig
  sed 's#^\( *path: \)/var/lib/etcd[[:space:]]*$#\1/var/lib/etcd-restored#' /root/etcd.yaml.orig > /root/etcd.yaml.new
  put_manifest /root/etcd.yaml.new
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
hand_repair
etcdutl snapshot restore $BK/before-migration.db --data-dir $NEW
mount --bind /var/lib/etcd $NEW
switch_hostpath
wait_api
kubectl -n ledger get deploy,pod,cm
