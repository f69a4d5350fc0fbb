# fails: in-time
# then: startup-probe
# A startup probe that has five minutes keeps the liveness probe from asking for as long.
kubectl -n lighthouse patch deployment beacon --patch '
spec:
  template:
    spec:
      containers:
        - name: beacon
          startupProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 10, failureThreshold: 30}
          livenessProbe: {httpGet: {path: /healthz, port: 8080}}
'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
