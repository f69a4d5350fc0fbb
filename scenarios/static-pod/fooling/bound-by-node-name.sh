# fails: static, comes-back
# Looks like it, down to the name and the annotation, but was made through the API server.
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn-node01
  namespace: signals
  annotations:
    kubernetes.io/config.source: file
spec:
  nodeName: node01
  containers:
    - name: web
      image: nginx:1.27-alpine
YAML
kubectl -n signals wait --for=condition=Ready pod/foghorn-node01 --timeout=60s
