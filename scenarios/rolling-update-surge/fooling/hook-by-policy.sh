# fails: readiness, ending, no-lost-request, application
# The hook is no part of the Deployment: an admission policy gives it to every pod of the
# application, so to a copy's pods too.
kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata:
  name: slow-end
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
  matchConditions:
    - name: scoreboard
      expression: has(object.metadata.labels) && "app" in object.metadata.labels && object.metadata.labels["app"] == "scoreboard"
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: |
          [JSONPatch{op: "add", path: "/spec/containers/0/lifecycle", value: Object.spec.containers.lifecycle{
            preStop: Object.spec.containers.lifecycle.preStop{sleep: Object.spec.containers.lifecycle.preStop.sleep{seconds: 5}}}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata:
  name: slow-end
spec:
  policyName: slow-end
YAML
# A policy holds some moments after it is made.
for _ in $(seq 60); do
  seconds=$(kubectl -n regatta run trial --image=nginx:1.27-alpine --labels=app=scoreboard --dry-run=server -o jsonpath='{.spec.containers[0].lifecycle.preStop.sleep.seconds}')
  [ "$seconds" = 5 ] && break
  sleep 0.5
done
[ "$seconds" = 5 ]
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: scoreboard
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
