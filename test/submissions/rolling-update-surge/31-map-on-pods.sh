#!/bin/bash
# expect: failed
# kind: hostile
# idea: only the strategy is changed; a MutatingAdmissionPolicy puts probe, hook and grace period into every pod of that image in every namespace, the Deployment's template has none
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
v=
for x in v1 v1beta1 v1alpha1; do
  kubectl get --raw /apis/admissionregistration.k8s.io/$x 2>/dev/null | grep -q '"mutatingadmissionpolicies"' && { v=$x; break; }
done
if [ -z "$v" ]; then   # served only on demand: switch it on
  m=/etc/kubernetes/manifests/kube-apiserver.yaml
  sed '/^ *- kube-apiserver$/a\    - --runtime-config=admissionregistration.k8s.io/v1beta1=true\n    - --feature-gates=MutatingAdmissionPolicy=true' $m > /root/a.yaml && mv /root/a.yaml $m
  for i in $(seq 60); do sleep 2; kubectl get --raw /apis/admissionregistration.k8s.io/v1beta1 2>/dev/null | grep -q '"mutatingadmissionpolicies"' && break; done
  v=v1beta1
fi
img=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].image}')
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
kubectl apply -f - <<Y
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicy
metadata:
  name: pod-defaults
spec:
  failurePolicy: Ignore
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["pods"]
  matchConditions:
  - name: app
    expression: "object.spec.containers[0].image == '$img' && object.spec.containers[0].name == '$c'"
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [
          JSONPatch{op: "add", path: "/spec/terminationGracePeriodSeconds", value: 30},
          JSONPatch{op: "add", path: "/spec/containers/0/readinessProbe",
            value: Object.spec.containers.readinessProbe{
              tcpSocket: Object.spec.containers.readinessProbe.tcpSocket{port: 8080},
              periodSeconds: 2, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3}},
          JSONPatch{op: "add", path: "/spec/containers/0/lifecycle",
            value: Object.spec.containers.lifecycle{
              preStop: Object.spec.containers.lifecycle.preStop{
                sleep: Object.spec.containers.lifecycle.preStop.sleep{seconds: 5}}}}
        ]
---
apiVersion: admissionregistration.k8s.io/$v
kind: MutatingAdmissionPolicyBinding
metadata:
  name: pod-defaults
spec:
  policyName: pod-defaults
Y
sleep 8
$k patch deploy scoreboard --type=json -p '[{"op":"add","path":"/spec/strategy","value":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}}]'
$k rollout restart deploy/scoreboard
$k rollout status deploy/scoreboard --timeout=200s
