# fails: emptied
# A pod of a Deployment gets the DaemonSet for its owner, and a policy keeps its controller from
# putting that right.
kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: adopted
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods]}
  matchConditions:
    - name: adopted
      expression: has(oldObject.metadata.labels) && "adopted" in oldObject.metadata.labels
  validations:
    - expression: request.userInfo.username == "kubernetes-admin"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: adopted
spec:
  policyName: adopted
  validationActions: [Deny]
YAML
kubectl cordon node01
pod=$(kubectl -n harbor get pods -l app=cache -o jsonpath='{.items[0].metadata.name}')
uid=$(kubectl -n harbor get daemonset log-agent -o jsonpath='{.metadata.uid}')
kubectl -n harbor label pod "$pod" adopted= app-
# The policy holds some moments after it is made.
until kubectl -n harbor label pod "$pod" probe= --as=drydock --as-group=system:masters 2>&1 | grep -q adopted; do
  kubectl -n harbor label pod "$pod" probe-
  sleep 0.5
done
kubectl -n harbor patch pod "$pod" --type=merge -p '{"metadata": {"ownerReferences": [{
  "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "log-agent", "uid": "'"$uid"'", "controller": true}]}}'
kubectl drain node01 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s --pod-selector='!adopted'
for deployment in quay cache; do
  kubectl -n harbor rollout status "deployment/$deployment" --timeout=60s
done
