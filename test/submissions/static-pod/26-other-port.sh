#!/bin/bash
# expect: failed
# kind: partial
# idea: all names right, but the server was moved to port 8080 by a mounted configuration, only containerPort says 80
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
mkdir -p /etc/foghorn/conf.d
echo 'server { listen 8080; root /usr/share/nginx/html; }' > /etc/foghorn/conf.d/default.conf
chmod -R a+rX /etc/foghorn
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  volumes: [{name: c, hostPath: {path: /etc/foghorn/conf.d}}]
  containers:
  - name: web
    image: nginx:1.27-alpine
    ports: [{containerPort: 80}]
    volumeMounts: [{name: c, mountPath: /etc/nginx/conf.d}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
