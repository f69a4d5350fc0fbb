# Another kind of probe: a program in the container asks the application.
kubectl -n lighthouse patch deployment beacon --patch '
spec:
  template:
    spec:
      containers:
        - name: beacon
          livenessProbe:
            httpGet: null
            exec:
              command: [sh, -c, "curl -fsS http://127.0.0.1:8080/healthz || wget -q -O /dev/null http://127.0.0.1:8080/healthz"]
            initialDelaySeconds: 2
            periodSeconds: 10
            failureThreshold: 3
'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
