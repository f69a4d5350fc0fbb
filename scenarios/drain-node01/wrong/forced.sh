# fails: available, budget
# Emptied without waiting for the budget, and without anything left that answers the users.
kubectl -n harbor delete poddisruptionbudget quay
kubectl -n harbor scale deployment/quay --replicas=0
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
