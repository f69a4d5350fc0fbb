#!/bin/bash
# expect: passed
# kind: right
# idea: valid with extras: hostPort 80, emptyDir for the cache, hostPath with its own page, seccomp profile, dnsPolicy Default, no service links
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
mkdir -p /srv/foghorn; echo 'foghorn ok' > /srv/foghorn/index.html; chmod -R a+rX /srv/foghorn
cat > "$P/10-foghorn.yaml" <<'Y'
# static pod of node01
kind: Pod
apiVersion: v1
metadata:
  namespace: signals
  name: foghorn
spec:
  dnsPolicy: Default
  enableServiceLinks: false
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  volumes:
  - {name: cache, emptyDir: {}}
  - {name: page, hostPath: {path: /srv/foghorn, type: Directory}}
  containers:
  - name: web
    image: nginx:1.27-alpine
    ports: [{containerPort: 80, hostPort: 80}]
    readinessProbe: {httpGet: {path: /, port: 80}}
    volumeMounts:
    - {name: cache, mountPath: /var/cache/nginx}
    - {name: page, mountPath: /usr/share/nginx/html, readOnly: true}
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
