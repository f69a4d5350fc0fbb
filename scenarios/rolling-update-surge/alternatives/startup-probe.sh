# A container is not ready before its startup probe has succeeded, so that probe alone keeps
# requests from an application that does not listen yet.
kubectl -n regatta patch deployment scoreboard --patch '
spec:
  minReadySeconds: 1
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: scoreboard
          startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 60}
          lifecycle: {preStop: {sleep: {seconds: 5}}}
'
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
