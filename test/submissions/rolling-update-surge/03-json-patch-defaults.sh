#!/bin/bash
# expect: passed
# kind: right
# idea: JSON patch; strategy 25%/25% written out (floor 0 / ceil 1 of 3), exec readiness probe in the container (wget/curl/nc, else tcp), exec sleep hook
set -u
k="kubectl -n regatta"
p=$($k get pods -o json | jq -r --argjson s "$($k get deploy scoreboard -o json | jq .spec.selector.matchLabels)" \
   '[.items[] | select(.status.phase=="Running" and .metadata.deletionTimestamp==null) | select((.metadata.labels // {}) as $l | all($s|to_entries[]; $l[.key]==.value))][0].metadata.name')
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
sleep 10   # the application should be up now
try() { $k exec "$p" -c "$c" -- "$@" >/dev/null 2>&1; }
if   try wget -q -T 2 -O /dev/null http://127.0.0.1:8080/; then probe='{"exec":{"command":["wget","-q","-T","2","-O","/dev/null","http://127.0.0.1:8080/"]},"periodSeconds":2,"timeoutSeconds":3}'
elif try curl -fs -m 2 -o /dev/null http://127.0.0.1:8080/; then probe='{"exec":{"command":["curl","-fs","-m","2","-o","/dev/null","http://127.0.0.1:8080/"]},"periodSeconds":2,"timeoutSeconds":3}'
elif try bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080'; then probe='{"exec":{"command":["bash","-c","exec 3<>/dev/tcp/127.0.0.1/8080"]},"periodSeconds":2,"timeoutSeconds":3}'
else probe='{"tcpSocket":{"port":8080},"periodSeconds":2}'; fi
if try sleep 0; then hook='{"exec":{"command":["sleep","5"]}}'; else hook='{"sleep":{"seconds":5}}'; fi
lc=$($k get deploy scoreboard -o json | jq -c --argjson h "$hook" '(.spec.template.spec.containers[0].lifecycle // {}) + {preStop:$h}')
$k patch deploy scoreboard --type=json -p "[
 {\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":3},
 {\"op\":\"add\",\"path\":\"/spec/strategy\",\"value\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}}},
 {\"op\":\"add\",\"path\":\"/spec/template/spec/terminationGracePeriodSeconds\",\"value\":20},
 {\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/readinessProbe\",\"value\":$probe},
 {\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/lifecycle\",\"value\":$lc}
]"
$k rollout status deploy/scoreboard --timeout=230s
