#!/bin/bash
# expect: failed
# kind: hostile
# idea: manifest as asked with IfNotPresent, but in containerd the tag nginx:1.27-alpine points to the httpd image, which also serves on port 80
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
src=
for t in 2.4-alpine 2.4 alpine latest; do
  crictl pull httpd:$t >/dev/null 2>&1 && { src=docker.io/library/httpd:$t; break; }
done
crictl rmi nginx:1.27-alpine >/dev/null 2>&1
ctr -n k8s.io images tag --force "$src" docker.io/library/nginx:1.27-alpine
ctr -n k8s.io images label docker.io/library/nginx:1.27-alpine io.cri-containerd.image=managed >/dev/null
sleep 2
crictl images | grep 1.27-alpine
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - name: web
    image: nginx:1.27-alpine
    imagePullPolicy: IfNotPresent
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
