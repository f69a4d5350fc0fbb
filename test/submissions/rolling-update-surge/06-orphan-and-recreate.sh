#!/bin/bash
# expect: passed
# kind: right
# idea: Deployment deleted with --cascade=orphan and created anew from a JSON manifest (other uid, pods adopted, then rolled)
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   {apiVersion, kind,
    metadata:{name:.metadata.name, namespace:.metadata.namespace, labels:.metadata.labels, annotations:((.metadata.annotations // {})|with_entries(select(.key|test("deployment.kubernetes.io|last-applied")|not)))},
    spec:.spec}
 | .spec.paused = false
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxSurge:1,maxUnavailable:"30%"}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0] |= (
      (.readinessProbe = {tcpSocket:{port:8080},initialDelaySeconds:1,periodSeconds:1})
    | (.lifecycle.preStop = {sleep:{seconds:5}}))' > /root/scoreboard.json
$k delete deploy scoreboard --cascade=orphan
kubectl create -f /root/scoreboard.json
$k rollout status deploy/scoreboard --timeout=240s
# the old ReplicaSets that are not used any more stay as history
