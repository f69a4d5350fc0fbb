# The whole Deployment as a manifest of one's own: the container has another name, the image is
# written in full, and the command ends without a newline.
kubectl replace --force -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: scoreboard
  namespace: regatta
spec:
  replicas: 3
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels: {app: scoreboard}
  template:
    metadata:
      labels: {app: scoreboard}
    spec:
      terminationGracePeriodSeconds: 60
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: web
          image: docker.io/library/nginx:1.27-alpine
          command:
            - sh
            - -c
            - |-
              sleep 2 # the results of the last races are read
              echo 'server { listen 8080; location / { return 200 "scores\n"; } }' > /etc/nginx/conf.d/default.conf
              exec nginx -g 'daemon off;'
          ports:
            - {name: http, containerPort: 8080}
          startupProbe:
            httpGet: {path: /, port: http}
            periodSeconds: 1
          readinessProbe:
            exec: {command: [sh, -c, "curl -fsS http://127.0.0.1:8080/ || wget -q -O /dev/null http://127.0.0.1:8080/"]}
            initialDelaySeconds: 20
            periodSeconds: 2
          lifecycle:
            preStop:
              sleep: {seconds: 8}
YAML
kubectl -n regatta rollout status deployment/scoreboard --timeout=120s
