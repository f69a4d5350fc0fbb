# Deleted and made anew in one command, with a container of another name; nothing is waited for.
kubectl replace --force -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: beacon
  namespace: lighthouse
spec:
  selector:
    matchLabels: {app: beacon}
  template:
    metadata:
      labels: {app: beacon}
    spec:
      containers:
        - name: web
          image: docker.io/library/nginx:1.27-alpine
          volumeMounts:
            - {name: conf, mountPath: /etc/nginx/conf.d/}
          livenessProbe:
            httpGet: {path: /healthz, port: 8080}
            periodSeconds: 10
      volumes:
        - name: conf
          configMap: {name: beacon}
YAML
