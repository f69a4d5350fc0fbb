# fails: snapshot, data-directory, restored, working
# A copy of the database under etcd's hands is no snapshot, and objects of the same names with the
# same contents are not those of the snapshot.
cp /var/lib/etcd/member/snap/db /var/backups/etcd/after-migration.db
kubectl -n ledger delete configmap migration-0042
kubectl -n ledger create configmap rates --from-literal=rates.csv=$'EUR,1.0000\nKRW,1502.30\nUSD,1.0841\n'
kubectl -n ledger create deployment accounts --image=nginx:1.27-alpine --replicas=2
kubectl -n ledger rollout status deployment/accounts --timeout=60s
