#!/bin/bash
# expect: passed
# kind: right
# idea: image with its full name docker.io/library/nginx:1.27-alpine, exec and tcp probes, resources, priority class, tolerations, labels, annotations: harmless extra fields
set -u
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
cat > "$P/foghorn.yml" <<'Y'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
  labels: {app: foghorn}
  annotations: {owner: coastguard}
spec:
  priorityClassName: system-node-critical
  terminationGracePeriodSeconds: 5
  tolerations:
  - operator: Exists
  containers:
  - name: web
    image: docker.io/library/nginx:1.27-alpine
    imagePullPolicy: IfNotPresent
    command: [nginx, -g, "daemon off;"]
    ports:
    - name: http
      containerPort: 80
    resources:
      requests: {cpu: 10m, memory: 16Mi}
      limits: {memory: 128Mi}
    readinessProbe:
      exec:
        command: [wget, -q, -O, /dev/null, "http://127.0.0.1:80/"]
      periodSeconds: 5
    livenessProbe:
      tcpSocket: {port: 80}
      initialDelaySeconds: 5
    lifecycle:
      preStop:
        sleep: {seconds: 1}
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
