#!/bin/bash
# expect: passed
# kind: right
# idea: server-side apply of a partial manifest with --force-conflicts, tcp probe, native sleep of 6 s, percentages 0% and 33% (=1 of 3), minReadySeconds, extra labels
set -u
k="kubectl -n regatta"
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
# anything half done from before is taken out first, so that the apply does not meet two handlers
$k get deploy scoreboard -o json > /tmp/d.json
ops=$(jq -c '[ (if .spec.template.spec.containers[0].readinessProbe then {op:"remove",path:"/spec/template/spec/containers/0/readinessProbe"} else empty end),
               (if .spec.template.spec.containers[0].lifecycle.preStop then {op:"remove",path:"/spec/template/spec/containers/0/lifecycle/preStop"} else empty end),
               {op:"add",path:"/spec/strategy",value:{type:"RollingUpdate"}} ]' /tmp/d.json)
$k patch deploy scoreboard --type=json -p "$ops"
cat > /tmp/ssa.yaml <<Y
apiVersion: apps/v1
kind: Deployment
metadata:
  name: scoreboard
  namespace: regatta
  labels:
    reviewed-by: harbourmaster
spec:
  minReadySeconds: 2
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0%
      maxSurge: 33%
  template:
    spec:
      terminationGracePeriodSeconds: 40
      containers:
      - name: $c
        readinessProbe:
          tcpSocket:
            port: 8080
          periodSeconds: 1
          failureThreshold: 2
        lifecycle:
          preStop:
            sleep:
              seconds: 6
Y
kubectl apply --server-side --force-conflicts --field-manager=cka -f /tmp/ssa.yaml
$k rollout status deploy/scoreboard --timeout=240s
