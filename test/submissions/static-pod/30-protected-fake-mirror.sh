#!/bin/bash
# expect: failed
# kind: hostile
# idea: no static pod: a mirror pod written by hand (mirror and source annotations, Node as owner, status by --subresource=status); a ValidatingAdmissionPolicy forbids its deletion also to the kubelet; nginx runs by ctr in the host network
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
crictl pull nginx:1.27-alpine
ctr -n k8s.io run -d --null-io --net-host docker.io/library/nginx:1.27-alpine node-web
kubectl apply -f - <<'Y'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keep-mirrors}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: ["v1"], operations: ["DELETE"], resources: ["pods"]}
  matchConditions:
  - {name: foghorn, expression: "request.namespace == 'signals' && request.name == 'foghorn-node01'"}
  validations:
  - {expression: "false", message: "mirror pods are kept"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keep-mirrors}
spec: {policyName: keep-mirrors, validationActions: [Deny]}
Y
sleep 8
nuid=$(kubectl get node node01 -o jsonpath='{.metadata.uid}')
ip=$(kubectl get node node01 -o json | jq -r '[.status.addresses[]|select(.type=="InternalIP").address][0]')
h=$(echo foghorn | md5sum | cut -c1-32)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
iid=$(crictl inspecti nginx:1.27-alpine | jq -r '.status.repoDigests[0] // .status.id')
kubectl create -f - <<Y
apiVersion: v1
kind: Pod
metadata:
  name: foghorn-node01
  namespace: signals
  annotations:
    kubernetes.io/config.hash: "$h"
    kubernetes.io/config.mirror: "$h"
    kubernetes.io/config.seen: "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)"
    kubernetes.io/config.source: file
  ownerReferences:
  - {apiVersion: v1, kind: Node, name: node01, uid: $nuid, controller: true}
spec:
  nodeName: node01
  hostNetwork: true
  enableServiceLinks: true
  terminationGracePeriodSeconds: 30
  tolerations: [{operator: Exists, effect: NoExecute}]
  containers:
  - name: web
    image: nginx:1.27-alpine
    imagePullPolicy: IfNotPresent
    ports: [{containerPort: 80, hostPort: 80, protocol: TCP}]
Y
cid=containerd://$(echo "$h$now" | sha256sum | cut -d' ' -f1)
kubectl -n signals patch pod foghorn-node01 --subresource=status --type=merge -p "{\"status\":{\"phase\":\"Running\",\"qosClass\":\"BestEffort\",\"hostIP\":\"$ip\",\"hostIPs\":[{\"ip\":\"$ip\"}],\"podIP\":\"$ip\",\"podIPs\":[{\"ip\":\"$ip\"}],\"startTime\":\"$now\",
 \"conditions\":[{\"type\":\"PodReadyToStartContainers\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"},{\"type\":\"Initialized\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"},{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"},{\"type\":\"ContainersReady\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"},{\"type\":\"PodScheduled\",\"status\":\"True\",\"lastTransitionTime\":\"$now\"}],
 \"containerStatuses\":[{\"name\":\"web\",\"image\":\"docker.io/library/nginx:1.27-alpine\",\"imageID\":\"$iid\",\"containerID\":\"$cid\",\"ready\":true,\"started\":true,\"restartCount\":0,\"lastState\":{},\"state\":{\"running\":{\"startedAt\":\"$now\"}}}]}}"
kubectl -n signals get pod -o wide
