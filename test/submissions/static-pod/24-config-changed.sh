#!/bin/bash
# expect: failed
# kind: partial
# idea: pod is right, but staticPodPath in the kubelet's configuration was changed to another folder
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
mkdir -p /opt/static-pods
cp -a "$P"/. /opt/static-pods/ 2>/dev/null
for f in /var/lib/kubelet/config.yaml /etc/kubernetes/kubelet.conf.d/*.conf /var/lib/kubelet/config.d/*.conf /etc/systemd/system/kubelet.service.d/*.conf /usr/lib/systemd/system/kubelet.service.d/*.conf; do
  [ -f "$f" ] && sed -i -e 's#^\( *\)staticPodPath:.*#\1staticPodPath: /opt/static-pods#' -e 's#--pod-manifest-path=[^ "]*#--pod-manifest-path=/opt/static-pods#' "$f"
done
cat > /opt/static-pods/foghorn.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
systemctl daemon-reload
systemctl restart kubelet
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
