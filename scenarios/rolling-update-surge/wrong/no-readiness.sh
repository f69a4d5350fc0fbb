# fails: readiness, no-lost-request
# then: quick-application
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: scoreboard
          lifecycle: {preStop: {sleep: {seconds: 5}}}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
