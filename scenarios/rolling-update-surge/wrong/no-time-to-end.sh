# fails: ending, no-lost-request
# then: one-missing
# All but the preStop hook: requests still reach pods that have stopped.
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: scoreboard
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
