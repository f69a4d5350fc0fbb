# fails: emptied
# then: patch-and-restart
# A pod that looked after the node is left on it, ended.
kubectl taint node node01 maintenance- || true
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
kubectl -n harbor run inspection --image=busybox:1.36 --restart=Never --overrides='{"spec": {"nodeName": "node01"}}' --command -- df /
kubectl -n harbor wait --for=jsonpath='{.status.phase}'=Succeeded pod/inspection --timeout=60s
