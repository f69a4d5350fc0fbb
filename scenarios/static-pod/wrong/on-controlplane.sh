# fails: static, answers, comes-back
ssh controlplane "kubectl -n signals run foghorn --image=nginx:1.27-alpine --dry-run=client -o yaml > /etc/kubernetes/manifests/foghorn.yaml"
sleep 3
