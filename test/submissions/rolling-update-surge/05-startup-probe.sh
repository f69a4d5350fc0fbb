#!/bin/bash
# expect: passed
# kind: right
# idea: a startupProbe alone holds back readiness until the application answers; exec hook sh -c "sleep 7" if there is a shell; Deployment paused while changed, then resumed
set -u
k="kubectl -n regatta"
$k rollout pause deploy scoreboard
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
hook='{"sleep":{"seconds":7}}'
$k exec deploy/scoreboard -c "$c" -- sh -c 'sleep 0' && hook='{"exec":{"command":["/bin/sh","-c","sleep 7"]}}'
$k get deploy scoreboard -o json | jq --argjson h "$hook" '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0] |= (del(.readinessProbe)
     | .startupProbe = {tcpSocket:{port:8080},periodSeconds:1,failureThreshold:90}
     | .lifecycle = ((.lifecycle // {}) + {preStop:$h}))' | kubectl replace -f -
$k rollout resume deploy scoreboard
$k rollout status deploy/scoreboard --timeout=240s
