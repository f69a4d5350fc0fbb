#!/bin/bash
# expect: passed
# kind: right
# idea: first an ordinary pod, then a manifest with wrong namespace and image; all undone, then right; leaves an editor's dot file, a subfolder and copies in /root
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
kubectl -n signals run foghorn --image=nginx:1.27-alpine
sleep 3
kubectl -n signals delete pod foghorn --force --grace-period=0
cat > "$P/web.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn}
spec:
  containers:
  - name: foghorn
    image: nginx:1.27
Y
sleep 6
mv "$P/web.yaml" /root/web-wrong.yaml
for i in $(seq 30); do kubectl -n default get pod foghorn-node01 >/dev/null 2>&1 || break; sleep 2; done
sed -e 's/{name: foghorn}/{name: foghorn, namespace: signals}/' -e 's/- name: foghorn/- name: web/' -e 's/nginx:1.27$/nginx:1.27-alpine/' /root/web-wrong.yaml > "$P/.web.yaml.swp"
cp "$P/.web.yaml.swp" "$P/web.yaml"
mkdir -p "$P/old"
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
