# fails: static, answers, comes-back
# then: json-by-dry-run
kubectl -n signals run foghorn --image=nginx:1.27-alpine --dry-run=client -o yaml | ssh controlplane 'cat > /etc/kubernetes/manifests/foghorn.yaml'
for _ in $(seq 30); do
  kubectl -n signals get pod foghorn-controlplane >/dev/null 2>&1 && break
  sleep 1
done
