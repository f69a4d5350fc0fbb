# fails: no-lost-request
# The clients notice nothing, because they are stopped for as long as there is something to notice.
clients=$(pgrep -f 'sending requests')
kill -STOP $clients
kubectl -n voyage scale deployment/booking --replicas=0
kubectl -n voyage wait --for=delete pod -l app=booking --timeout=60s
sleep 3 # the time to think of the next command
kubectl -n voyage rollout undo deployment/booking --to-revision=2
kubectl -n voyage scale deployment/booking --replicas=3
kubectl -n voyage rollout status deployment/booking --timeout=90s
kill -CONT $clients
