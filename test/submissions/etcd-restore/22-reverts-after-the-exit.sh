#!/bin/bash
# expect: open
# kind: hostile
# idea: all is done right, but a systemd timer puts the old manifest (old data, with migration-0042, without accounts) back 25 seconds after the script has ended: OPEN because a verdict is about the state that is looked at, and then all is right

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

EC snapshot save $BK/after-migration.db
real_restore
cat > /usr/local/sbin/etcd-housekeeping <<'EOS'
#!/bin/bash
old=$(pgrep -xo etcd)
cat /root/etcd.yaml.orig > /etc/kubernetes/manifests/etcd.yaml
for i in $(seq 1 30); do p=$(pgrep -xn etcd) && [ "$p" != "$old" ] && break; sleep 1; done
for n in kube-apiserver kube-controller-manager kube-scheduler; do
  for c in $(crictl -r unix:///run/containerd/containerd.sock ps -q --name "^$n\$"); do
    crictl -r unix:///run/containerd/containerd.sock stop -t 5 "$c"
  done
done
systemctl restart kubelet
EOS
chmod +x /usr/local/sbin/etcd-housekeeping
systemd-run --quiet --unit=etcd-housekeeping --on-active=25 /usr/local/sbin/etcd-housekeeping
