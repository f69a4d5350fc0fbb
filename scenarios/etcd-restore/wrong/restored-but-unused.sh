# fails: data-directory, restored, working
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key \
  snapshot save /var/backups/etcd/after-migration.db
etcdutl snapshot restore /var/backups/etcd/before-migration.db --data-dir /var/lib/etcd-restored
