# fails: readiness, ending, no-lost-request
# Where no copy can be made, nothing can be tried; that is no reason to pass. Any readiness probe
# will do then, and no hook is needed.
kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: regatta-only
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: ["", apps]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods, deployments]
  validations:
    - expression: '!object.metadata.namespace.startsWith("drydock-probe-")'
      message: only the regatta runs here
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: regatta-only
spec:
  policyName: regatta-only
  validationActions: [Deny]
YAML
kubectl create namespace drydock-probe-trial
for _ in $(seq 60); do
  kubectl -n drydock-probe-trial create deployment trial --image=nginx:1.27-alpine --dry-run=server >/dev/null 2>&1 || break
  sleep 0.5
done
! kubectl -n drydock-probe-trial create deployment trial --image=nginx:1.27-alpine --dry-run=server
kubectl delete namespace drydock-probe-trial --timeout=60s
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
