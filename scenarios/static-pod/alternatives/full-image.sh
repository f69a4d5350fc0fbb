# The image written in full, the API version and the kind of the usual manifest, in a file without
# an ending. It is left to the kubelet to start it.
folder=$(sed -n 's/^staticPodPath: *//p' /var/lib/kubelet/config.yaml)
rm -f "$folder"/*
cat >"$folder/foghorn" <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  containers:
    - name: web
      image: docker.io/library/nginx:1.27-alpine
      ports:
        - containerPort: 80
YAML
