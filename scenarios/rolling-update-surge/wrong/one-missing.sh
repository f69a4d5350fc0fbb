# fails: strategy
# then: percentages-and-exec
# No request is lost as long as the two others can carry the load; but one of three is missing for
# the time.
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 1}
  template:
    spec:
      containers:
        - name: scoreboard
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          lifecycle: {preStop: {sleep: {seconds: 5}}}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
