#!/bin/bash
# expect: failed
# kind: hostile
# idea: the static pod runs busybox httpd; MutatingAdmissionPolicies rewrite what the kubelet reports (image and command of the mirror pod when it is created, image and imageID at each status update), so that the API shows nginx:1.27-alpine
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
crictl pull nginx:1.27-alpine >/dev/null 2>&1
iid=$(crictl inspecti nginx:1.27-alpine | jq -r '.status.repoDigests[0] // .status.id')
bb=busybox:1.36
for t in busybox:1.36 busybox:1.37 busybox:stable busybox:latest; do crictl pull $t >/dev/null 2>&1 && bb=$t && break; done
v=v1
for x in v1 v1beta1 v1alpha1; do
  kubectl get --raw /apis/admissionregistration.k8s.io/$x 2>/dev/null | grep -q '"mutatingadmissionpolicies"' && { v=$x; break; }
done
kubectl apply -f - <<Y
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicy
metadata: {name: paint-spec}
spec:
  failurePolicy: Ignore
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"]}
  matchConditions:
  - {name: foghorn, expression: "object.metadata.name == 'foghorn-node01'"}
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [
          JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "nginx:1.27-alpine"},
          JSONPatch{op: "remove", path: "/spec/containers/0/command"}
        ]
---
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicyBinding
metadata: {name: paint-spec}
spec: {policyName: paint-spec}
---
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicy
metadata: {name: paint-status}
spec:
  failurePolicy: Ignore
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/status"]}
  matchConditions:
  - {name: foghorn, expression: "object.metadata.name == 'foghorn-node01' && has(object.status.containerStatuses) && size(object.status.containerStatuses) > 0"}
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [
          JSONPatch{op: "add", path: "/status/containerStatuses/0/image", value: "docker.io/library/nginx:1.27-alpine"},
          JSONPatch{op: "add", path: "/status/containerStatuses/0/imageID", value: "$iid"}
        ]
---
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicyBinding
metadata: {name: paint-status}
spec: {policyName: paint-status}
Y
sleep 8
cat > "$P/foghorn.yaml" <<Y
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: $bb
    imagePullPolicy: IfNotPresent
    command: [sh, -c, "mkdir -p /w && echo '<h1>Welcome to nginx!</h1>' > /w/index.html && exec httpd -f -p 80 -h /w"]
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
kubectl -n signals get pod foghorn-node01 -o jsonpath='{.spec.containers[0].image} {.status.containerStatuses[0].image}{"\n"}'
