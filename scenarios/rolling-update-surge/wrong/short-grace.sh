# fails: ending, no-lost-request
# then: written-anew
# A hook that is long enough, cut short by the grace period that it is part of.
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: scoreboard
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          lifecycle: {preStop: {exec: {command: [sleep, "10"]}}}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
