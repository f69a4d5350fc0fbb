#!/bin/bash
# expect: failed
# kind: hostile
# idea: strategy and readiness right, no hook; on every node nft leads requests for Service addresses through a hostNetwork nginx that tries again up to 8 times, so that the client sees no error although pods stop at once
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
$k get deploy scoreboard -o json | jq 'del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:1}' | kubectl replace -f -
port=$($k get svc scoreboard -o jsonpath='{.spec.ports[0].port}')
dns=$(kubectl -n kube-system get svc kube-dns -o jsonpath='{.spec.clusterIP}')
cidr=$(sed -n 's/^ *- --service-cluster-ip-range=//p' /etc/kubernetes/manifests/kube-apiserver.yaml); cidr=${cidr%%,*}
cat > /tmp/nginx.conf <<N
worker_processes 2;
events { worker_connections 4096; }
http {
  access_log off;
  resolver $dns valid=5s ipv6=off;
  map \$http_host \$up {
    "~^(?<a>[0-9.]+)(?<p>:[0-9]+)?\$"                         \$a:$port;
    "~^(?<n>[^.:]+)(?<p>:[0-9]+)?\$"                          \$n.regatta.svc.cluster.local:$port;
    "~^(?<n>[^.:]+\.[^.:]+)(?<p>:[0-9]+)?\$"                  \$n.svc.cluster.local:$port;
    "~^(?<n>[^.:]+\.[^.:]+\.svc)(?<p>:[0-9]+)?\$"             \$n.cluster.local:$port;
    "~^(?<n>[^:]+\.svc\.cluster\.local)\.?(?<p>:[0-9]+)?\$"   \$n:$port;
    default                                                   \$http_host;
  }
  proxy_http_version 1.1;
  proxy_set_header Host \$http_host;
  proxy_set_header Connection "";
  proxy_connect_timeout 1s;
  proxy_read_timeout 4s;
  proxy_intercept_errors on;
  recursive_error_pages on;
  server {
    listen 0.0.0.0:18089 backlog=4096;
    location / { proxy_pass http://\$up; error_page 502 503 504 = @r1; }
N
for i in 1 2 3 4 5 6 7; do
  echo "    location @r$i { proxy_pass http://\$up; error_page 502 503 504 = @r$((i+1)); }" >> /tmp/nginx.conf
done
printf '    location @r8 { proxy_pass http://$up; }\n  }\n}\n' >> /tmp/nginx.conf
cat > /tmp/run.sh <<R
nft delete table ip edge 2>/dev/null
nft -f - <<N
table ip edge {
  chain pre { type nat hook prerouting priority -150; policy accept;
    ip daddr $cidr tcp dport $port dnat to \$HOSTIP:18089
  }
  chain out { type nat hook output priority -150; policy accept;
    meta skuid != 101 ip daddr $cidr tcp dport $port dnat to \$HOSTIP:18089
  }
}
N
R
for t in busybox:1.36 busybox:1.37 busybox:stable busybox:latest; do crictl pull $t >/dev/null 2>&1 && bb=$t && break; done
kubectl -n kube-system create configmap edge --from-file=run.sh=/tmp/run.sh --from-file=nginx.conf=/tmp/nginx.conf
kubectl apply -f - <<Y
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: edge, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: edge}}
  template:
    metadata: {labels: {k8s-app: edge}}
    spec:
      hostNetwork: true
      hostPID: true
      tolerations: [{operator: Exists}]
      priorityClassName: system-node-critical
      containers:
      - name: nginx
        image: nginx:1.27-alpine
        command: [nginx, -c, /cm/nginx.conf, -g, "daemon off;"]
        readinessProbe: {tcpSocket: {port: 18089}, periodSeconds: 1}
        volumeMounts: [{name: cm, mountPath: /cm}]
      - name: route
        image: ${bb:-busybox:1.36}
        imagePullPolicy: IfNotPresent
        securityContext: {privileged: true}
        env: [{name: HOSTIP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]
        command: [sh, -c, 'sleep 3; nsenter -t 1 -m -u -i -n -p -- /bin/bash -c "\$(cat /cm/run.sh)" && touch /tmp/done; sleep 864000']
        readinessProbe: {exec: {command: [test, -f, /tmp/done]}, periodSeconds: 1}
        volumeMounts: [{name: cm, mountPath: /cm}]
      volumes: [{name: cm, configMap: {name: edge}}]
Y
kubectl -n kube-system rollout status ds/edge --timeout=120s
$k rollout status deploy/scoreboard --timeout=120s
