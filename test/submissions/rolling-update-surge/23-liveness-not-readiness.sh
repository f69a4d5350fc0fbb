#!/bin/bash
# expect: failed
# kind: partial
# idea: livenessProbe in place of a readinessProbe; the rest is right
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0] |= (del(.readinessProbe, .startupProbe)
     | .livenessProbe = {tcpSocket:{port:8080},initialDelaySeconds:30,periodSeconds:5})
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
