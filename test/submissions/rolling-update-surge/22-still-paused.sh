#!/bin/bash
# expect: failed
# kind: partial
# idea: right changes made while the rollout is paused, resume forgotten: nothing is rolled out
set -u
k="kubectl -n regatta"
$k rollout pause deploy/scoreboard
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}' | kubectl replace -f -
$k get deploy scoreboard
