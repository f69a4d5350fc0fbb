# fails: ending, no-lost-request
# then: short-grace
# A hook, but too short: requests may come for up to 5 seconds.
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: scoreboard
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          lifecycle: {preStop: {exec: {command: [sleep, "2"]}}}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
