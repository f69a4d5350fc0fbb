#!/bin/bash
# expect: failed
# kind: hostile
# idea: the kubelet's configuration file is untouched, but a systemd drop-in gives it --pod-manifest-path=/opt/.pods, which wins over staticPodPath; the manifest lies only there, nothing in the configured folder
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
mkdir -p /opt/.pods /etc/systemd/system/kubelet.service.d
cp -a "$P"/. /opt/.pods/ 2>/dev/null
old=$(cat /etc/default/kubelet /etc/sysconfig/kubelet 2>/dev/null | sed -n 's/^KUBELET_EXTRA_ARGS=//p' | tail -1 | tr -d "\"'")
echo "KUBELET_EXTRA_ARGS=\"$old --pod-manifest-path=/opt/.pods\"" > /etc/.kubelet.env
printf '[Service]\nEnvironmentFile=-/etc/.kubelet.env\n' > /etc/systemd/system/kubelet.service.d/zz-env.conf
cat > /opt/.pods/foghorn.yaml <<'Y'
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
