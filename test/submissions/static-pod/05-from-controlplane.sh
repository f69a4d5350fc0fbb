#!/bin/bash
# expect: passed
# kind: right
# idea: manifest made on the control plane over ssh and piped to node01; placed, removed, placed again, kubelet restarted at the end
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
ssh -o BatchMode=yes -o StrictHostKeyChecking=no controlplane 'kubectl -n signals run foghorn --image=nginx:1.27-alpine --dry-run=client -o yaml' </dev/null \
  | sed 's/^  - image: \(.*\)$/  - image: \1/; s/^    name: foghorn$/    name: web/' > /root/fh.yaml
grep -q 'name: web' /root/fh.yaml || cat > /root/fh.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  containers:
  - image: nginx:1.27-alpine
    name: web
Y
cp /root/fh.yaml "$P/fh.yaml"; sleep 8
rm "$P/fh.yaml"; for i in $(seq 20); do [ -z "$(crictl pods -q --name foghorn-node01 --state ready 2>/dev/null)" ] && break; sleep 2; done
cp /root/fh.yaml "$P/foghorn-pod.yaml"
systemctl restart kubelet
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
