# A startup probe before the liveness probe, both quick enough. It is left to the cluster to finish.
kubectl -n lighthouse patch deployment beacon --patch '
spec:
  template:
    spec:
      containers:
        - name: beacon
          ports: [{name: health, containerPort: 8080}]
          startupProbe: {httpGet: {path: /healthz, port: health}, initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 8}
          livenessProbe: {httpGet: {path: /healthz, port: health}, initialDelaySeconds: 0, periodSeconds: 10, failureThreshold: 6}
'
