# In place: etcd's own option and the mount are changed instead of the volume's host side alone,
# nothing is stopped before, and what remembers old revisions is started anew afterwards.
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/peer.crt --key=/etc/kubernetes/pki/etcd/peer.key \
  snapshot save /var/backups/etcd/after-migration.db
etcdutl snapshot restore /var/backups/etcd/before-migration.db --data-dir=/var/lib/etcd-restored
sed -i 's#/var/lib/etcd$#/var/lib/etcd-restored#' /etc/kubernetes/manifests/etcd.yaml
for _ in $(seq 60); do
  [ -e /var/lib/etcd-restored/member/snap/db ] && grep -qs -- --data-dir=/var/lib/etcd-restored <(tr '\0' ' ' </proc/"$(pgrep -o -x etcd)"/cmdline) && break
  sleep 1
done
for component in kube-apiserver kube-controller-manager kube-scheduler; do
  crictl stop "$(crictl ps -q --name "^$component\$")" || true
done
systemctl restart kubelet
for _ in $(seq 120); do
  kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done
