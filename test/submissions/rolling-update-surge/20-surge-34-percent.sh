#!/bin/bash
# expect: failed
# kind: partial
# idea: all right but maxSurge 34%, which is rounded up to 2 pods of 3
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:"34%"}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
