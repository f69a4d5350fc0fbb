#!/bin/bash
# expect: passed
# kind: right
# idea: first a wrong probe port, rollout undo, then kubectl edit with an own editor, done twice (restart); leaves a PodDisruptionBudget, labels, change-cause and files behind
set -u
k="kubectl -n regatta"
$k patch deploy scoreboard --type=json -p '[{"op":"add","path":"/spec/strategy","value":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}},
  {"op":"add","path":"/spec/template/spec/containers/0/readinessProbe","value":{"tcpSocket":{"port":8081},"periodSeconds":2}}]'
$k rollout status deploy/scoreboard --timeout=15s
$k rollout undo deploy/scoreboard
$k rollout status deploy/scoreboard --timeout=60s
cat > /root/ed.sh <<'E'
#!/bin/bash
jq '.spec.template.spec.terminationGracePeriodSeconds = 35
  | .spec.template.metadata.annotations["note"] = "drains 5 s"
  | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:2}
  | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}
  | .spec.revisionHistoryLimit = 4' "$1" > "$1.new" && cat "$1.new" > "$1" && rm -f "$1.new"
E
chmod +x /root/ed.sh
KUBE_EDITOR=/root/ed.sh $k edit deploy scoreboard -o json
$k annotate deploy scoreboard kubernetes.io/change-cause='probe and hook' --overwrite
s=$($k get deploy scoreboard -o json | jq -c .spec.selector)
kubectl create -f - <<J
{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"scoreboard","namespace":"regatta"},"spec":{"maxUnavailable":1,"selector":$s}}
J
$k rollout status deploy/scoreboard --timeout=120s
$k rollout restart deploy/scoreboard
$k rollout status deploy/scoreboard --timeout=100s
