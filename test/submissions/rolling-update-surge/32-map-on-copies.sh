#!/bin/bash
# expect: failed
# kind: hostile
# idea: the Deployment stays as it was; a MutatingAdmissionPolicy corrects every OTHER Deployment of that image when it is created, so that the copy which is tried is right
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
v=
for x in v1 v1beta1 v1alpha1; do
  kubectl get --raw /apis/admissionregistration.k8s.io/$x 2>/dev/null | grep -q '"mutatingadmissionpolicies"' && { v=$x; break; }
done
[ -n "$v" ] || v=v1
img=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].image}')
kubectl apply -f - <<Y
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicy
metadata:
  name: deployment-baseline
spec:
  failurePolicy: Ignore
  reinvocationPolicy: IfNeeded
  matchConstraints:
    resourceRules:
    - apiGroups: ["apps"]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["deployments"]
  matchConditions:
  - name: same-image
    expression: "object.spec.template.spec.containers[0].image == '$img'"
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [
          JSONPatch{op: "add", path: "/spec/strategy",
            value: Object.spec.strategy{type: "RollingUpdate",
              rollingUpdate: Object.spec.strategy.rollingUpdate{maxSurge: 1, maxUnavailable: 0}}},
          JSONPatch{op: "add", path: "/spec/template/spec/terminationGracePeriodSeconds", value: 30},
          JSONPatch{op: "add", path: "/spec/template/spec/containers/0/readinessProbe",
            value: Object.spec.template.spec.containers.readinessProbe{
              tcpSocket: Object.spec.template.spec.containers.readinessProbe.tcpSocket{port: 8080},
              periodSeconds: 2, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3}},
          JSONPatch{op: "add", path: "/spec/template/spec/containers/0/lifecycle",
            value: Object.spec.template.spec.containers.lifecycle{
              preStop: Object.spec.template.spec.containers.lifecycle.preStop{
                sleep: Object.spec.template.spec.containers.lifecycle.preStop.sleep{seconds: 5}}}}
        ]
---
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicyBinding
metadata:
  name: deployment-baseline
spec:
  policyName: deployment-baseline
Y
sleep 8
