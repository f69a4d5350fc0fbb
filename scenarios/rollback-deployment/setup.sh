#!/usr/bin/env bash
# Four revisions of a Deployment, the last with an image that does not exist, and clients that say
# when a request is lost.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf

revision() {
  kubectl -n voyage get deployment booking -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}' 2>/dev/null || true
}
wait_for_revision() {
  for _ in $(seq 300); do
    if [ "$(revision)" = "$1" ]; then return; fi
    sleep 0.2
  done
  echo "The Deployment booking did not get revision $1 in 60 seconds" >&2
  exit 1
}
release() { # revision, tag of the image, release, cause
  kubectl -n voyage patch deployment booking -p '{
    "metadata": {"annotations": {"kubernetes.io/change-cause": "'"$4"'"}},
    "spec": {"template": {"spec": {"containers": [
      {"name": "web", "image": "nginx:'"$2"'", "env": [{"name": "RELEASE", "value": "'"$3"'"}]}
    ]}}}}'
  wait_for_revision "$1"
}

# A history can't be repaired: anything but the finished one is made anew.
if [ "$(revision)" != 4 ]; then
  kubectl create namespace voyage --dry-run=client -o yaml | kubectl apply -f -
  kubectl -n voyage delete deployment booking clients --ignore-not-found --cascade=foreground --timeout=60s
  # With no replicas a revision costs nothing; the pods are those of revision 3.
  kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Service
metadata:
  name: booking
  namespace: voyage
spec:
  selector: {app: booking}
  ports:
    - {port: 80, targetPort: 8080}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: booking
  namespace: voyage
  annotations:
    kubernetes.io/change-cause: release 1.9
spec:
  replicas: 0
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels: {app: booking}
  template:
    metadata:
      labels: {app: booking}
    spec:
      terminationGracePeriodSeconds: 12
      tolerations:
        - {key: node-role.kubernetes.io/control-plane, operator: Exists}
      containers:
        - name: web
          image: nginx:1.25-alpine
          env:
            - {name: RELEASE, value: "1.9"}
          command:
            - sh
            - -c
            - |
              echo "server { listen 8080; default_type text/plain; location / { return 200 'booking $RELEASE'; } }" > /etc/nginx/conf.d/default.conf
              exec nginx -g 'daemon off;'
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /, port: 8080}
            periodSeconds: 1
          lifecycle:
            preStop:
              sleep: {seconds: 8} # as long as a busy machine may take to lead requests elsewhere
YAML
  wait_for_revision 1
  release 2 1.26-alpine 2.1 'release 2.1'
  release 3 1.27-alpine 2.2 'release 2.2: new prices'
  kubectl -n voyage scale deployment booking --replicas=3
  kubectl -n voyage rollout status deployment/booking --timeout=120s

  # A request is lost when it fails twice in a row; a line of the log for each. A single hiccup, as
  # when a frozen sandbox is thawed, is none.
  kubectl apply -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: clients
  namespace: voyage
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: clients}
  template:
    metadata:
      labels: {app: clients}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: clients
          image: busybox:1.36
          command:
            - sh
            - -c
            - |
              request() { timeout 2 wget -q -O /dev/null "http://$BOOKING_SERVICE_HOST/"; }
              # The nodes learn the way to a new Service some time after its pods are ready.
              until request; do sleep 0.2; done
              echo 'sending requests'
              while true; do
                request || { sleep 0.3; request; } || echo "lost: $(date)"
                sleep 0.2
              done
YAML
  kubectl -n voyage rollout status deployment/clients --timeout=120s
  for _ in $(seq 120); do
    kubectl -n voyage logs deployment/clients | grep -q 'sending requests' && break
    sleep 0.5
  done
  release 4 1.27.99-alpine 2.3 'release 2.3: faster search'
fi

for _ in $(seq 120); do
  reasons=$(kubectl -n voyage get pods -l app=booking -o jsonpath='{.items[*].status.containerStatuses[*].state.waiting.reason}')
  case $reasons in *ErrImagePull* | *ImagePullBackOff*) exit 0 ;; esac
  sleep 0.5
done
echo 'No pod of revision 4 has failed to pull its image in 60 seconds' >&2
exit 1
