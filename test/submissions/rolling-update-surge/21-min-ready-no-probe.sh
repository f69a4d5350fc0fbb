#!/bin/bash
# expect: failed
# kind: partial
# idea: minReadySeconds 20 instead of a readiness probe: the pod counts as available late, but it gets requests at once
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.minReadySeconds = 20
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | del(.spec.template.spec.containers[0].readinessProbe)
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
