# fails: snapshot
# The later snapshot is a text with the words that one would look for in it, and its own digest at
# its end, as a snapshot has.
text=$(printf '%-65536s' /registry/configmaps/ledger/migration-0042)
perl -MDigest::SHA=sha256 -e 'print $ARGV[0], sha256 $ARGV[0]' "$text" >/var/backups/etcd/after-migration.db
mkdir -p /root/stopped
mv /etc/kubernetes/manifests/*.yaml /root/stopped/
for _ in $(seq 60); do
  [ -z "$(crictl ps -q --name '^etcd$')$(crictl ps -q --name '^kube-apiserver$')" ] && break
  sleep 1
done
etcdutl snapshot restore /var/backups/etcd/before-migration.db --data-dir /var/lib/etcd-restored --bump-revision 1000000000 --mark-compacted
sed -i 's#path: /var/lib/etcd$#path: /var/lib/etcd-restored#' /root/stopped/etcd.yaml
mv /root/stopped/*.yaml /etc/kubernetes/manifests/
for _ in $(seq 120); do
  kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done
