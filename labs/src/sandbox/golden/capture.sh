#!/bin/bash
# On the control plane of a finished cluster that nobody has used, after every kubelet was stopped:
# prints, in base64, a snapshot of etcd from which another cluster can begin. What belongs to this
# cluster's life alone (its pods, leases, addresses, events, credentials) is taken out, and what
# cannot be true at that beginning (nodes that are Ready, Deployments that are available) is set
# right, so that whoever waits for it waits for the truth.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/super-admin.conf
ca=/etc/kubernetes/pki/etcd
export ETCDCTL_ENDPOINTS=https://127.0.0.1:2379 ETCDCTL_CACERT=$ca/ca.crt ETCDCTL_CERT=$ca/server.crt ETCDCTL_KEY=$ca/server.key

# A kubelet younger than a probe's period delays the probe by a random part of it
# (pkg/kubelet/prober/worker.go). CoreDNS, with the default of 10 s, would be what every copy waits
# for.
coredns=$(kubectl -n kube-system get deployment coredns -o json |
  jq '.spec.template.spec.containers[].readinessProbe.periodSeconds = 2 | {apiVersion, kind, metadata: {name: .metadata.name, namespace: .metadata.namespace, labels: .metadata.labels}, spec}')
kubectl replace --force -f - <<<"$coredns" >/dev/null
kubectl -n kube-system wait --for=create replicasets -l k8s-app=kube-dns --timeout=30s >/dev/null

# With the kubelet stopped nothing comes back, and without the controllers nobody corrects what is
# written now. stop NAME…: the containers with these names, at once
stop() { for name in "$@"; do crictl ps -q --name "^$name\$"; done | xargs crictl stop --timeout 0 >/dev/null; }
stop kube-controller-manager kube-scheduler
# patch KIND STATUS [TYPE]: of every object of a kind
patch() {
  kubectl get "$1" -A -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' |
    while read -r namespace name; do
      kubectl patch "$1" "${name:-$namespace}" ${name:+-n "$namespace"} --subresource=status --type="${3:-strategic}" -p "{\"status\": $2}" >/dev/null
    done
}
# The DaemonSets' pods stay, as if just bound to their nodes: the network is then there before
# anything needs it.
kubectl get pods -A -o json |
  jq -r '.items[] | "\(.metadata.ownerReferences[0].kind) \(.metadata.namespace) \(.metadata.name)"' |
  while read -r owner namespace name; do
    if [ "$owner" = DaemonSet ]; then continue; fi
    kubectl -n "$namespace" delete pod "$name" --force --grace-period=0 --wait=false >/dev/null 2>&1
  done
patch pods '{"phase": "Pending", "conditions": null, "containerStatuses": null, "startTime": null, "podIP": null, "podIPs": null, "hostIP": null, "hostIPs": null}' merge
patch nodes '{"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "the kubelet has not started yet"}]}'
patch daemonsets '{"currentNumberScheduled": 0, "numberReady": 0, "numberAvailable": 0, "updatedNumberScheduled": 0}'
patch replicasets '{"replicas": 0, "fullyLabeledReplicas": 0, "readyReplicas": 0, "availableReplicas": 0}'
patch deployments '{"replicas": 0, "readyReplicas": 0, "availableReplicas": 0, "updatedReplicas": 0, "conditions": [{"type": "Available", "status": "False"}]}'
stop kube-apiserver

# The paths are those of the API server's storage (k8s.io/apiserver, registry).
for prefix in events leases masterleases services/endpoints endpointslices certificatesigningrequests secrets/kube-system/bootstrap-token-; do
  etcdctl del --prefix "/registry/$prefix" >/dev/null
done
# Certificates of this cluster's authorities: each is made anew where it is missing.
etcdctl get --prefix --keys-only /registry/configmaps/ | { grep '/kube-root-ca.crt$' || true; } |
  while read -r key; do etcdctl del "$key" >/dev/null; done
etcdctl del /registry/configmaps/kube-public/cluster-info >/dev/null
etcdctl del /registry/configmaps/kube-system/extension-apiserver-authentication >/dev/null

revision=$(etcdctl endpoint status --write-out=json | jq '.[0].Status.header.revision')
etcdctl compact "$revision" >/dev/null
etcdctl defrag >/dev/null
etcdctl snapshot save /kind/golden.db >/dev/null
base64 -w0 /kind/golden.db
