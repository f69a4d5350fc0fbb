#!/bin/bash
# expect: passed
# kind: right
# idea: manifest untouched: /var/lib/etcd is made a symlink to /var/lib/etcd-restored, so that the static pod really reads and writes the restored directory

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

EC snapshot save $BK/after-migration.db
mkdir -p /root/m; mv $M/*.yaml /root/m/
wait_gone kube-apiserver kube-controller-manager kube-scheduler etcd
etcdutl snapshot restore $BK/before-migration.db --data-dir $NEW --bump-revision 1000000000 --mark-compacted
mv /var/lib/etcd /var/lib/etcd-migrated
ln -s /var/lib/etcd-restored /var/lib/etcd
mv /root/m/*.yaml $M/
systemctl restart kubelet
wait_etcd; wait_api; sleep 5
wait_ledger 60s
ls -l /var/lib | grep etcd; grep etcd-restored /proc/"$(pgrep -xn etcd)"/mountinfo
