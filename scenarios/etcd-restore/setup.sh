#!/usr/bin/env bash
# Makes a history: objects, a snapshot of them, and a "migration" that deletes some and creates
# another.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf
backup=/var/backups/etcd/before-migration.db
pki=/etc/kubernetes/pki/etcd

# A snapshot with the migration after it is all there is to prepare; taking it again would lose what
# was deleted.
if [ -s "$backup" ] && kubectl -n ledger get configmap migration-0042 >/dev/null 2>&1; then
  exit 0
fi

kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Namespace
metadata:
  name: ledger
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: rates
  namespace: ledger
data:
  rates.csv: |
    EUR,1.0000
    KRW,1502.30
    USD,1.0841
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: accounts
  namespace: ledger
spec:
  replicas: 2
  selector:
    matchLabels: {app: accounts}
  template:
    metadata:
      labels: {app: accounts}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: accounts
          image: nginx:1.27-alpine
          volumeMounts:
            - {name: rates, mountPath: /rates}
      volumes:
        - name: rates
          configMap: {name: rates}
YAML
kubectl -n ledger rollout status deployment/accounts --timeout=120s

install -d -m 0700 "$(dirname "$backup")"
ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:2379 --cacert="$pki/ca.crt" --cert="$pki/server.crt" --key="$pki/server.key" \
  snapshot save "$backup.part"
mv "$backup.part" "$backup"

kubectl -n ledger delete deployment/accounts configmap/rates --cascade=foreground --timeout=120s
kubectl -n ledger wait --for=delete pod -l app=accounts --timeout=120s
kubectl -n ledger create configmap migration-0042 --from-literal=status=failed
