# fails: kubelet
# The file in the usual folder, and the kubelet bent to read it.
cat >/etc/kubernetes/manifests/foghorn.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  containers:
    - name: web
      image: nginx:1.27-alpine
YAML
sed -i 's#^staticPodPath:.*#staticPodPath: /etc/kubernetes/manifests#' /var/lib/kubelet/config.yaml
systemctl restart kubelet
for _ in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 >/dev/null 2>&1 && break
  sleep 1
done
kubectl -n signals wait --for=condition=Ready pod/foghorn-node01 --timeout=60s
