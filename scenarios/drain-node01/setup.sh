#!/usr/bin/env bash
# Puts on node01 every kind of pod that a drain has to deal with: those of a DaemonSet, of
# Deployments (one behind a PodDisruptionBudget, one with an emptyDir volume), and one that no
# controller owns.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf

# The Deployments tolerate the control plane's taint, so that they have somewhere to go. Cordoning
# it meanwhile is what puts all of them on node01 at first.
trap 'kubectl uncordon controlplane >/dev/null' EXIT
kubectl cordon controlplane
kubectl uncordon node01

kubectl create namespace harbor --dry-run=client -o yaml | kubectl apply -f -
# Without it a pod that no controller makes is refused.
kubectl -n harbor wait --for=create serviceaccount/default --timeout=120s

kubectl apply -f - <<'YAML'
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: log-agent
  namespace: harbor
spec:
  selector:
    matchLabels: {app: log-agent}
  template:
    metadata:
      labels: {app: log-agent}
    spec:
      terminationGracePeriodSeconds: 1
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: agent
          image: busybox:1.36
          command: [sleep, infinity]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: quay
  namespace: harbor
spec:
  replicas: 3
  selector:
    matchLabels: {app: quay}
  template:
    metadata:
      labels: {app: quay}
    spec:
      terminationGracePeriodSeconds: 2
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: web
          image: nginx:1.27-alpine
          ports:
            - containerPort: 80
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: quay
  namespace: harbor
spec:
  minAvailable: 2
  selector:
    matchLabels: {app: quay}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cache
  namespace: harbor
spec:
  replicas: 1
  selector:
    matchLabels: {app: cache}
  template:
    metadata:
      labels: {app: cache}
    spec:
      terminationGracePeriodSeconds: 2
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: redis
          image: redis:7-alpine
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          emptyDir: {}
---
apiVersion: v1
kind: Pod
metadata:
  name: manifest-import
  namespace: harbor
  labels: {app: manifest-import}
spec:
  nodeSelector:
    kubernetes.io/hostname: node01
  terminationGracePeriodSeconds: 1
  containers:
    - name: import
      image: busybox:1.36
      command: [sleep, infinity]
YAML

# Pods may be on the control plane: where this runs a second time, after a drain, or where the
# scheduler learned late that it is cordoned. Back to node01 with them.
on_controlplane() {
  kubectl -n harbor get pods -l 'app in (quay,cache)' --field-selector spec.nodeName=controlplane -o name
}
for _ in 1 2 3; do
  for workload in deployment/quay deployment/cache daemonset/log-agent; do
    kubectl -n harbor rollout status "$workload" --timeout=150s
  done
  left=$(on_controlplane)
  [ -z "$left" ] && break
  # Unquoted: one argument for each.
  kubectl -n harbor delete --timeout=60s $left
done
[ -z "$(on_controlplane)" ]
kubectl -n harbor wait --for=condition=Ready pod/manifest-import --timeout=120s
