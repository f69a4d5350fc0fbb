#!/bin/bash
# expect: passed
# kind: right
# idea: a systemd-run job does a cold boot: kubelet stopped, all pod sandboxes removed, restore, manifest edited, kubelet started; the script only waits for it

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

cat > /root/restore-job.sh <<'EOS'
#!/bin/bash
set -x
C="crictl -r unix:///run/containerd/containerd.sock"
P=/etc/kubernetes/pki/etcd
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$P/ca.crt --cert=$P/healthcheck-client.crt --key=$P/healthcheck-client.key \
  snapshot save /var/backups/etcd/after-migration.db || exit 1
systemctl stop kubelet
# control plane first, so that nothing reacts to what disappears
for n in kube-controller-manager kube-scheduler kube-apiserver etcd; do
  for c in $($C ps -q --name "^$n\$"); do $C stop -t 10 $c; done
done
$C pods -q | xargs -r -n1 -P4 timeout 30 $C rmp -f
etcdutl snapshot restore /var/backups/etcd/before-migration.db --data-dir /var/lib/etcd-restored \
  --bump-revision 1000000000 --mark-compacted || exit 1
chmod 700 /var/lib/etcd-restored
mv /var/lib/etcd /var/lib/etcd.after-migration
sed -i.kept 's#^\( *path: \)/var/lib/etcd[[:space:]]*$#\1/var/lib/etcd-restored#' /etc/kubernetes/manifests/etcd.yaml
mv /etc/kubernetes/manifests/etcd.yaml.kept /root/
systemctl restart containerd
systemctl start kubelet
EOS
chmod +x /root/restore-job.sh
systemd-run --unit=restore-job --collect /root/restore-job.sh
for i in $(seq 1 80); do systemctl is-active -q restore-job || break; sleep 2; done
wait_etcd; wait_api
for i in $(seq 1 20); do kubectl get nodes | grep -qw Ready && break; sleep 3; done
sleep 5
wait_ledger 60s
