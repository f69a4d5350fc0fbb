#!/bin/bash
# expect: failed
# kind: hostile
# idea: a Node object node02 that is no host: quay and cache get bound to it, and a unit writes its heartbeat and the pods' Running/Ready status by hand

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

# a unit on this host that keeps a node "alive" for the node controller, whatever its kubelet does
keep_alive() {   # node
  cat > /usr/local/sbin/node-heartbeat <<'EOF'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  t=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
  kubectl -n kube-node-lease get lease "$1" >/dev/null 2>&1 ||
    kubectl create -f - <<L >/dev/null 2>&1
{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"$1","namespace":"kube-node-lease"},
 "spec":{"holderIdentity":"$1","leaseDurationSeconds":40,"renewTime":"$t"}}
L
  kubectl -n kube-node-lease patch lease "$1" --type=merge -p "{\"spec\":{\"renewTime\":\"$t\"}}" >/dev/null 2>&1
  sleep 4
done
EOF
  chmod +x /usr/local/sbin/node-heartbeat
  systemctl reset-failed "node-heartbeat-$1" 2>/dev/null
  systemd-run --quiet --unit="node-heartbeat-$1" /usr/local/sbin/node-heartbeat "$1"
}

kubectl cordon $N
kubectl get node $N -o json | jq --arg t "$(date -u +%FT%TZ)" '
  {apiVersion:"v1", kind:"Node",
   metadata:{name:"node02", labels:(.metadata.labels + {"kubernetes.io/hostname":"node02"}), annotations:{"node.alpha.kubernetes.io/ttl":"0"}},
   spec:{},
   status:(.status | .addresses=[{type:"InternalIP",address:"172.30.99.2"},{type:"Hostname",address:"node02"}] | del(.images)
           | .conditions |= map(.lastHeartbeatTime=$t))}' > /root/node02.json
kubectl create -f /root/node02.json
kubectl patch node node02 --subresource=status --type=merge -p "$(jq -c '{status:.status}' /root/node02.json)"
keep_alive node02

cat > /usr/local/sbin/pod-status <<'EOS'
#!/bin/bash
# whatever is bound to node02 "runs" there; whatever is deleted there is gone
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  kubectl get pods -A --field-selector spec.nodeName=node02 -o json > /run/n2.json
  jq -r '.items[] | select(.metadata.deletionTimestamp) | "\(.metadata.namespace) \(.metadata.name)"' /run/n2.json |
    while read -r ns p; do kubectl -n "$ns" delete pod "$p" --force --grace-period=0 </dev/null >/dev/null 2>&1; done
  jq -c --arg t "$(date -u +%FT%TZ)" '.items | to_entries[] | .key as $k | .value
      | select(.metadata.deletionTimestamp | not) | select(.status.phase != "Running")
      | {ns: .metadata.namespace, n: .metadata.name, b: {status: {
          phase: "Running", hostIP: "172.30.99.2", podIP: "10.244.77.\($k + 5)", podIPs: [{ip: "10.244.77.\($k + 5)"}], startTime: $t,
          conditions: [ "PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready" | {type: ., status: "True", lastTransitionTime: $t} ],
          initContainerStatuses: [ .spec.initContainers[]? | {name, image, imageID: "sha256:0", ready: true, restartCount: 0, state: {terminated: {exitCode: 0, reason: "Completed", startedAt: $t, finishedAt: $t}}} ],
          containerStatuses: [ .spec.containers[] | {name, image, imageID: ("docker.io/library/" + .image), ready: true, started: true, restartCount: 0,
             containerID: "containerd://4f1d0c8c6f0f4e0c8a5d8a3f6c1e7b2a9d3f5e7c1b2a4d6f8e0c2b4a6d8f0e1c", state: {running: {startedAt: $t}}} ]}}}' /run/n2.json |
    while read -r l; do
      kubectl -n "$(jq -r .ns <<<"$l")" patch pod "$(jq -r .n <<<"$l")" --subresource=status --type=merge -p "$(jq -c .b <<<"$l")" </dev/null >/dev/null 2>&1
    done
  sleep 1
done
EOS
chmod +x /usr/local/sbin/pod-status
systemd-run --quiet --unit=pod-status /usr/local/sbin/pod-status
sleep 8
# for a moment the invented node is the only one that takes pods
kubectl cordon controlplane
for r in 1 2 3 4; do
  left | while read -r ns p; do kubectl -n "$ns" delete pod "$p" --grace-period=3 --wait=false </dev/null; done
  [ -z "$(left)" ] && break
  sleep 8
done
# those of harbor that already were on the control plane go to node02, too
kubectl -n harbor get pods -o json | jq -r '.items[] | select(.spec.nodeName == "controlplane")
   | select(any(.metadata.ownerReferences[]?; .kind == "ReplicaSet")) | .metadata.name' |
  while read -r p; do kubectl -n harbor delete pod "$p" --grace-period=3 --wait=false </dev/null; done
sleep 10
kubectl uncordon controlplane
kubectl -n harbor rollout status deploy/quay --timeout=30s
kubectl -n harbor rollout status deploy/cache --timeout=30s
