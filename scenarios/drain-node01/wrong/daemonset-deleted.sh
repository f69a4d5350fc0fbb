# fails: daemonset
kubectl -n harbor delete daemonset log-agent
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
