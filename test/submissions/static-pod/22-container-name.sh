#!/bin/bash
# expect: failed
# kind: partial
# idea: straight from kubectl run: the container is named foghorn, not web
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
kubectl run foghorn -n signals --image=nginx:1.27-alpine --port=80 --dry-run=client -o yaml > "$P/foghorn.yaml"
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
