#!/bin/bash
# expect: passed
# kind: right
# idea: only the API by curl with the admin's client certificate: GET, jq, PUT; maxSurge 20% (=1), tcp probe, sleep 5
set -u
umask 077; cd "$(mktemp -d)"
kubectl config view --raw --minify -o json > c.json
jq -r '.clusters[0].cluster.server' c.json > url
jq -r '.clusters[0].cluster["certificate-authority-data"]' c.json | base64 -d > ca
jq -r '.users[0].user["client-certificate-data"]' c.json | base64 -d > crt
jq -r '.users[0].user["client-key-data"]' c.json | base64 -d > key
u=$(cat url)/apis/apps/v1/namespaces/regatta/deployments/scoreboard
api() { curl -sS --cacert ca --cert crt --key key "$@"; }
for i in 1 2 3 4 5; do
  api "$u" > old
  jq '.spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:"20%"}}
    | .spec.paused = false
    | .spec.template.spec.terminationGracePeriodSeconds = 30
    | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:1,successThreshold:1,failureThreshold:3}
    | .spec.template.spec.containers[0].lifecycle = ((.spec.template.spec.containers[0].lifecycle // {}) + {preStop:{sleep:{seconds:5}}})' old > new
  code=$(api -o out -w '%{http_code}' -X PUT -H 'Content-Type: application/json' --data-binary @new "$u")
  [ "$code" = 200 ] && break
  cat out; sleep 1
done
for i in $(seq 1 110); do
  api "$u" | jq -e '.status.observedGeneration==.metadata.generation and .status.updatedReplicas==3 and .status.replicas==3 and .status.availableReplicas==3' >/dev/null && break
  sleep 2
done
