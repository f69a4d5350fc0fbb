# fails: snapshot
# Restored first, saved afterwards: the snapshot has nothing of the time after the migration.
mkdir -p /root/stopped
mv /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/manifests/etcd.yaml /root/stopped/
for _ in $(seq 60); do
  [ -z "$(crictl ps -q --name '^etcd$')$(crictl ps -q --name '^kube-apiserver$')" ] && break
  sleep 1
done
etcdutl snapshot restore /var/backups/etcd/before-migration.db --data-dir /var/lib/etcd-restored --bump-revision 1000000000 --mark-compacted
sed -i 's#path: /var/lib/etcd$#path: /var/lib/etcd-restored#' /root/stopped/etcd.yaml
mv /root/stopped/etcd.yaml /root/stopped/kube-apiserver.yaml /etc/kubernetes/manifests/
for _ in $(seq 120); do
  kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key \
  snapshot save /var/backups/etcd/after-migration.db
