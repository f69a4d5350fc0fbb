#!/bin/bash
# expect: passed
# kind: right
# idea: whole object rewritten with jq, kubectl replace --force; httpGet probe (tcp if / gives no 2xx/3xx), native sleep hook
set -u
cd /root
kubectl -n regatta get deploy scoreboard -o json > old.json
ip=$(kubectl -n regatta get endpointslices -l kubernetes.io/service-name=scoreboard -o json \
  | jq -r '[.items[].endpoints[]?.addresses[]?][0] // empty')
code=000
for i in 1 2 3 4 5 6 7 8; do
  code=$(curl -s -m 3 -o /dev/null -w '%{http_code}' "http://$ip:8080/")
  [ "$code" != 000 ] && break
  sleep 3
done
case $code in
  2??|3??) probe='{"httpGet":{"path":"/","port":8080},"periodSeconds":2,"timeoutSeconds":2}';;
  *)       probe='{"tcpSocket":{"port":8080},"periodSeconds":2}';;
esac
jq --argjson probe "$probe" '
  del(.status, .metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp, .metadata.generation, .metadata.managedFields)
  | .spec.paused = false
  | .spec.strategy = {type:"RollingUpdate", rollingUpdate:{maxUnavailable:0, maxSurge:1}}
  | .spec.template.spec.terminationGracePeriodSeconds = 30
  | .spec.template.spec.containers[0].readinessProbe = $probe
  | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}
' old.json > new.json
kubectl replace --force -f new.json
kubectl -n regatta rollout status deploy/scoreboard --timeout=240s
