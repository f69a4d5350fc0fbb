#!/bin/bash
# expect: failed
# kind: hostile
# idea: the Deployment's spec is right but never rolled out: with the controller manager stopped a new ReplicaSet is made by hand and the old pods get its hash label and a lying owner reference; after its start the Deployment counts as complete with pods that have neither probe nor hook
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
m=/etc/kubernetes/manifests/kube-controller-manager.yaml
mv $m /root/kcm.yaml
for i in $(seq 40); do [ -z "$(crictl ps -q --name kube-controller-manager 2>/dev/null)" ] && break; sleep 1; done
old=$($k get rs -o json | jq -r --arg u "$($k get deploy scoreboard -o jsonpath='{.metadata.uid}')" \
  '[.items[] | select(any(.metadata.ownerReferences[]?; .uid==$u)) | select(.spec.replicas>0)][0].metadata.name')
oldhash=$($k get rs "$old" -o jsonpath='{.metadata.labels.pod-template-hash}')
rev=$($k get deploy scoreboard -o json | jq -r '.metadata.annotations["deployment.kubernetes.io/revision"] // "1"')
$k get deploy scoreboard -o json | jq 'del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle = {preStop:{sleep:{seconds:5}}}' | kubectl replace -f -
h=6b7f9d84c5
$k get deploy scoreboard -o json | jq --arg h $h --arg r $((rev+1)) '
 {apiVersion:"apps/v1",kind:"ReplicaSet",
  metadata:{name:("scoreboard-"+$h),namespace:"regatta",
    labels:(.spec.template.metadata.labels + {"pod-template-hash":$h}),
    annotations:{"deployment.kubernetes.io/revision":$r,"deployment.kubernetes.io/desired-replicas":"3","deployment.kubernetes.io/max-replicas":"4"},
    ownerReferences:[{apiVersion:"apps/v1",kind:"Deployment",name:"scoreboard",uid:.metadata.uid,controller:true,blockOwnerDeletion:true}]},
  spec:{replicas:3, minReadySeconds:(.spec.minReadySeconds // 0),
    selector:{matchLabels:(.spec.selector.matchLabels + {"pod-template-hash":$h})},
    template:(.spec.template | .metadata.labels["pod-template-hash"]=$h)}}' | kubectl create -f -
uid=$($k get rs scoreboard-$h -o jsonpath='{.metadata.uid}')
$k scale rs "$old" --replicas=0
for p in $($k get pods -l pod-template-hash=$oldhash -o name); do
  $k patch "$p" --type=json -p "[
   {\"op\":\"replace\",\"path\":\"/metadata/ownerReferences\",\"value\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"scoreboard-$h\",\"uid\":\"$uid\",\"controller\":true,\"blockOwnerDeletion\":true}]},
   {\"op\":\"replace\",\"path\":\"/metadata/labels/pod-template-hash\",\"value\":\"$h\"}]"
done
mv /root/kcm.yaml $m
for i in $(seq 60); do
  sleep 2
  $k get deploy scoreboard -o json | jq -e '.status.observedGeneration==.metadata.generation and .status.updatedReplicas==3 and .status.availableReplicas==3' >/dev/null && break
done
$k rollout status deploy/scoreboard --timeout=60s
