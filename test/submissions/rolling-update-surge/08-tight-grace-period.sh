#!/bin/bash
# expect: passed
# kind: right
# idea: boundary: sleep 5 with terminationGracePeriodSeconds 5 (kubelet: hook runs its 5 s, then at least 2 s for the app); strategic merge patch from a YAML file
set -u
k="kubectl -n regatta"
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
cat > /tmp/p.yaml <<Y
spec:
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  template:
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: $c
        readinessProbe:
          httpGet: null
          exec: null
          grpc: null
          tcpSocket: {port: 8080}
          periodSeconds: 1
          timeoutSeconds: 1
        lifecycle:
          preStop:
            exec: null
            httpGet: null
            tcpSocket: null
            sleep: {seconds: 5}
Y
$k patch deploy scoreboard --type=strategic --patch-file=/tmp/p.yaml
$k rollout status deploy/scoreboard --timeout=240s
