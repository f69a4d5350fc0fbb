# Percentages that come to the same numbers, a probe of the port, and a hook that runs a program.
kubectl -n regatta patch deployment scoreboard --type=json -p '[
  {"op": "replace", "path": "/spec/strategy/rollingUpdate", "value": {"maxSurge": "30%", "maxUnavailable": "10%"}},
  {"op": "add", "path": "/spec/template/spec/containers/0/readinessProbe", "value": {"tcpSocket": {"port": 8080}, "initialDelaySeconds": 1, "periodSeconds": 2}},
  {"op": "add", "path": "/spec/template/spec/containers/0/lifecycle", "value": {"preStop": {"exec": {"command": ["sleep", "6"]}}}}
]'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
