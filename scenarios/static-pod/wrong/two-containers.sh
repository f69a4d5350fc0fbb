# fails: answers
# then: full-image
# A second container beside the one that is asked for.
folder=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r .kubeletconfig.staticPodPath)
cat >"$folder/foghorn.yaml" <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: nginx:1.27-alpine
    - name: log
      image: busybox:1.36
      command: [sleep, infinity]
YAML
for _ in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 >/dev/null 2>&1 && break
  sleep 1
done
kubectl -n signals wait --for=condition=Ready pod/foghorn-node01 --timeout=60s
