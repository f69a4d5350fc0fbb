#!/bin/bash
# expect: open
# kind: right
# idea: right, but with an init container besides the one container web; "one container named web" may or may not count it (I would let it pass: spec.containers has one)
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  volumes: [{name: html, emptyDir: {}}]
  initContainers:
  - name: page
    image: nginx:1.27-alpine
    command: [sh, -c, "echo foghorn > /html/index.html"]
    volumeMounts: [{name: html, mountPath: /html}]
  containers:
  - name: web
    image: nginx:1.27-alpine
    ports: [{containerPort: 80}]
    volumeMounts: [{name: html, mountPath: /usr/share/nginx/html}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
