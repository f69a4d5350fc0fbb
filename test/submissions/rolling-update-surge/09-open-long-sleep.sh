#!/bin/bash
# expect: open
# kind: right
# idea: all right, but the pod goes on answering 20 s: the task says "for 5 seconds before its application is told to stop" and does not say "at least" (I would let it pass: it does answer for 5 s)
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 60
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:20}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
