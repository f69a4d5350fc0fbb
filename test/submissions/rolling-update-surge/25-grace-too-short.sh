#!/bin/bash
# expect: failed
# kind: partial
# idea: exec hook sleep 5, but terminationGracePeriodSeconds 2: the hook is cut off after 2 s
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 2
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle.preStop = {exec:{command:["sleep","5"]}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
