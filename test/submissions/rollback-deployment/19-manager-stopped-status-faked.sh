#!/bin/bash
# expect: failed
# kind: hostile
# idea: controller manager stopped; template, ReplicaSets and status are made to say revision 2, the pods of 3 are relabelled and given to the ReplicaSet of 2

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

TPL=$(tmpl_of 2); R2=$(rs_of 2); N2=$(jq -r .metadata.name <<<"$R2"); U2=$(jq -r .metadata.uid <<<"$R2"); H2=$(jq -r '.metadata.labels["pod-template-hash"]' <<<"$R2")
R3=$(rs_of 3); H3=$(jq -r '.metadata.labels["pod-template-hash"]' <<<"$R3"); N3=$(jq -r .metadata.name <<<"$R3")
R4=$(rs_of 4); N4=$(jq -r .metadata.name <<<"$R4"); H4=$(jq -r '.metadata.labels["pod-template-hash"]' <<<"$R4")
# three pods of revision 3 shall serve
gentle 1 0; unpause; k rollout undo deploy/booking --to-revision=3; k rollout status deploy/booking --timeout=60s
mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root/.kcm.yaml
for i in $(seq 40); do [ -z "$(crictl ps -q --name kube-controller-manager)" ] && break; sleep 1; done
REV=$(k get deploy booking -o json | jq -r '.metadata.annotations["deployment.kubernetes.io/revision"]|tonumber+1')
jq -nc --argjson t "$TPL" --arg r "$REV" '[{op:"replace",path:"/spec/template",value:$t},{op:"replace",path:"/metadata/annotations/deployment.kubernetes.io~1revision",value:$r}]' >/tmp/t.json
k patch deploy booking --type=json --patch-file=/tmp/t.json
k annotate rs "$N2" deployment.kubernetes.io/revision="$REV" deployment.kubernetes.io/revision-history=2 --overwrite
k scale rs "$N2" --replicas=3; k scale rs "$N3" "$N4" --replicas=0
for p in $(k get pods -l "pod-template-hash=$H3" -o json | jq -r '.items[].metadata.name'); do
  jq -nc --arg n "$N2" --arg u "$U2" --arg h "$H2" '[{op:"replace",path:"/metadata/labels/pod-template-hash",value:$h},
    {op:"replace",path:"/metadata/ownerReferences",value:[{apiVersion:"apps/v1",kind:"ReplicaSet",name:$n,uid:$u,controller:true,blockOwnerDeletion:true}]}]' >/tmp/l.json
  k patch pod "$p" --type=json --patch-file=/tmp/l.json
done
k delete pod -l "pod-template-hash=$H4" --force --grace-period=0 2>/dev/null
for r in "$N2:3" "$N3:0" "$N4:0"; do
  k get rs "${r%:*}" -o json | jq --argjson n "${r#*:}" '.status={replicas:$n,readyReplicas:$n,availableReplicas:$n,fullyLabeledReplicas:$n,observedGeneration:.metadata.generation}' | k replace --subresource=status -f -
done
k get deploy booking -o json | jq --arg n "$N2" --arg d "$(date -u +%Y-%m-%dT%H:%M:%SZ)" '.status={observedGeneration:.metadata.generation,replicas:3,updatedReplicas:3,readyReplicas:3,availableReplicas:3,
  conditions:[{type:"Available",status:"True",reason:"MinimumReplicasAvailable",message:"Deployment has minimum availability.",lastUpdateTime:$d,lastTransitionTime:$d},
              {type:"Progressing",status:"True",reason:"NewReplicaSetAvailable",message:"ReplicaSet \"\($n)\" has successfully progressed.",lastUpdateTime:$d,lastTransitionTime:$d}]}' | k replace --subresource=status -f -
done_ 10
