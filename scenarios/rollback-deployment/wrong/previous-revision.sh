# fails: release
# then: template-of-old-replicaset
kubectl -n voyage rollout undo deployment/booking
kubectl -n voyage rollout status deployment/booking --timeout=90s
