# fails: unschedulable
# then: daemonset-deleted
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
kubectl uncordon node01
