#!/bin/bash
# expect: passed
# kind: right
# idea: hostNetwork true: reachable at the node's address, port 80, whatever the pod network does (the task does not forbid it)
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
jq -n '{apiVersion:"v1",kind:"Pod",metadata:{name:"foghorn",namespace:"signals"},
  spec:{hostNetwork:true,containers:[{name:"web",image:"nginx:1.27-alpine",ports:[{containerPort:80,hostPort:80}]}]}}' > "$P/foghorn.json"
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
