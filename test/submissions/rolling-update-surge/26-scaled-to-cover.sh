#!/bin/bash
# expect: failed
# kind: partial
# idea: maxUnavailable 1 left, replicas raised to 4 instead so that 3 are always there; probe and hook right (3 replicas were to stay)
set -u
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq '
   del(.status, .metadata.resourceVersion)
 | .spec.replicas = 4
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:1,maxSurge:0}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
 | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=240s
