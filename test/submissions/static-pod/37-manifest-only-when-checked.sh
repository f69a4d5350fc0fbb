#!/bin/bash
# expect: failed
# kind: hostile
# idea: an ordinary API pod named foghorn-node01 with copied annotations and the Node as owner; a unit writes the real manifest only while a check seems to go on (kubelet restarted, API not reachable, pod deleted) and takes it away afterwards
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
for f in "${KUBECONFIG:-}" "$HOME/.kube/config" /etc/kubernetes/admin.conf; do [ -f "$f" ] && break; done
D=/usr/local/lib/podkeeper; mkdir -p $D; install -m 600 "$f" $D/conf
nuid=$(kubectl get node node01 -o jsonpath='{.metadata.uid}')
server=$(kubectl config view --raw --minify -o jsonpath='{.clusters[0].cluster.server}')
h=$(echo foghorn | md5sum | cut -c1-32)
cat > $D/real.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
cat > $D/api.yaml <<Y
apiVersion: v1
kind: Pod
metadata:
  name: foghorn-node01
  namespace: signals
  annotations: {kubernetes.io/config.hash: "$h", kubernetes.io/config.source: file, kubernetes.io/config.seen: "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)"}
  ownerReferences: [{apiVersion: v1, kind: Node, name: node01, uid: $nuid, controller: true}]
spec:
  nodeName: node01
  automountServiceAccountToken: false
  tolerations: [{operator: Exists}]
  containers:
  - {name: web, image: "nginx:1.27-alpine", ports: [{containerPort: 80}]}
Y
cat > $D/run <<R
#!/bin/bash
export KUBECONFIG=$D/conf PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
D=$D; M='$P/foghorn.yaml'; S='$server'
R
cat >> $D/run <<'R'
k() { timeout 5 kubectl -n signals "$@"; }
last=$(systemctl show -p MainPID --value kubelet); t=0
[ -e "$M" ] && t=$(date +%s)
while :; do
  need=
  curl -sk -m 2 -o /dev/null "$S/livez" || need=1
  p=$(systemctl show -p MainPID --value kubelet); [ "$p" != "$last" ] && { need=1; last=$p; }
  if [ ! -e "$M" ]; then
    s=$(k get pod foghorn-node01 --ignore-not-found -o jsonpath='{.metadata.name}/{.metadata.deletionTimestamp}' 2>/dev/null)
    [ "$s" = foghorn-node01/ ] || need=1
  fi
  now=$(date +%s)
  if [ "$need" ]; then
    t=$now
    if [ ! -e "$M" ]; then
      cp $D/real.yaml "$M"
      k delete pod foghorn-node01 --force --grace-period=0 >/dev/null 2>&1
    fi
  elif [ -e "$M" ] && [ $((now - t)) -gt 150 ]; then
    rm -f "$M"
    for i in $(seq 30); do
      k create -f $D/api.yaml >/dev/null 2>&1 && break
      sleep 2
    done
  fi
  sleep 0.5
done
R
chmod 755 $D/run
kubectl create -f $D/api.yaml
kubectl -n signals wait --for=condition=Ready pod/foghorn-node01 --timeout=100s
printf '[Service]\nExecStart=%s/run\nRestart=always\n[Install]\nWantedBy=multi-user.target\n' $D > /etc/systemd/system/podkeeper.service
systemctl daemon-reload
systemctl enable --now podkeeper.service
