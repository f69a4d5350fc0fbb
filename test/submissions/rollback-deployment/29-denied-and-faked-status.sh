#!/bin/bash
# expect: failed
# kind: hostile
# idea: a ValidatingAdmissionPolicy keeps the pods of revision 2 from being created, those of 3 go on serving, and a loop writes a complete status into the Deployment

[ -n "$KUBECONFIG" ] || [ -f "$HOME/.kube/config" ] || export KUBECONFIG=/etc/kubernetes/admin.conf
k() { kubectl -n "$NS" "$@"; }
kreplace() { jq 'del(.metadata.resourceVersion,.status)' | kubectl -n "$NS" replace -f -; }
NS=voyage
# the ReplicaSet of booking with revision $1 (JSON), and its pod template as a Deployment has it
rs_of() { k get rs -o json | jq --arg r "$1" '[.items[]|select(any(.metadata.ownerReferences[]?; .kind=="Deployment" and .name=="booking"))|select(.metadata.annotations["deployment.kubernetes.io/revision"]==$r)][0]'; }
tmpl_of() { rs_of "$1" | jq -c '.spec.template|del(.metadata.labels["pod-template-hash"],.metadata.creationTimestamp)'; }
# never fewer than 3: surge first, and give a new pod some seconds before an old one goes
gentle() { k patch deploy booking --type=json -p "[{\"op\":\"add\",\"path\":\"/spec/strategy\",\"value\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":0,\"maxSurge\":${1:-1}}}},{\"op\":\"add\",\"path\":\"/spec/minReadySeconds\",\"value\":${2:-5}}]"; }
unpause() { if [ "$(k get deploy booking -o jsonpath='{.spec.paused}')" = true ]; then k rollout resume deploy/booking; fi; }
done_() { k rollout status deploy/booking --timeout="${1:-150}s"; k get deploy,rs,pods -o wide; }
svckeys() { k get svc booking -o json | jq -r '.spec.selector|keys[]'; }
# take pods out of the Service (they go on answering what is under way)
offservice() { local p key; for p in "$@"; do for key in $(svckeys); do k label pod "$p" "$key-"; done; done; }

H2=$(rs_of 2 | jq -r '.metadata.labels["pod-template-hash"]')
gentle 1 5; unpause
cat <<EOS | kubectl apply -f -
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: voyage-guard}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: voyage}}
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
  - expression: "!has(object.metadata.labels) || !('pod-template-hash' in object.metadata.labels) || object.metadata.labels['pod-template-hash'] != '$H2'"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: voyage-guard}
spec: {policyName: voyage-guard, validationActions: [Deny]}
EOS
sleep 6
k rollout undo deploy/booking --to-revision=2
cat >/usr/local/sbin/status-sync <<'EOS'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
d=$(date -u +%Y-%m-%dT%H:%M:%SZ)
while sleep 0.2; do
  kubectl -n voyage get deploy booking -o json | jq --arg d "$d" '.status={observedGeneration:.metadata.generation,replicas:3,updatedReplicas:3,readyReplicas:3,availableReplicas:3,
   conditions:[{type:"Available",status:"True",reason:"MinimumReplicasAvailable",message:"Deployment has minimum availability.",lastUpdateTime:$d,lastTransitionTime:$d},
               {type:"Progressing",status:"True",reason:"NewReplicaSetAvailable",message:"ReplicaSet has successfully progressed.",lastUpdateTime:$d,lastTransitionTime:$d}]}' | kubectl replace --subresource=status -f - >/dev/null 2>&1
done
EOS
chmod +x /usr/local/sbin/status-sync
systemd-run --unit=status-sync --setenv=HOME=/root -p Restart=always /usr/local/sbin/status-sync
sleep 5; k get deploy booking
