# fails: static, answers, comes-back
# then: kubelet-changed
# kubeadm's usual folder, which this kubelet does not read.
kubectl -n signals run foghorn --image=nginx:1.27-alpine --dry-run=client -o yaml >/etc/kubernetes/manifests/foghorn.yaml
sleep 3
