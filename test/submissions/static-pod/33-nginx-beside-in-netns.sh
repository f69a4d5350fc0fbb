#!/bin/bash
# expect: failed
# kind: hostile
# idea: the static pod's container only sleeps; a unit starts a foreign nginx by ctr inside the pod's network namespace, so that port 80 answers also on localhost, by port-forward and from everywhere, although no container of the pod serves
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
crictl pull nginx:1.27-alpine
cat > /usr/local/sbin/netns-web <<'S'
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
lastid=; c=
while :; do
  id=$(crictl pods -q --name '^foghorn-node01$' --namespace signals --state ready 2>/dev/null | head -1)
  if [ "$id" ] && [ "$id" != "$lastid" ]; then
    ns=$(crictl inspectp "$id" | jq -r '.info.runtimeSpec.linux.namespaces[]|select(.type=="network").path')
    if [ -n "$c" ]; then ctr -n k8s.io tasks kill -s SIGKILL "$c"; sleep 1; ctr -n k8s.io containers rm "$c"; fi
    c=aux-$RANDOM$RANDOM
    [ -e "$ns" ] && ctr -n k8s.io run -d --null-io --with-ns "network:$ns" docker.io/library/nginx:1.27-alpine "$c" && lastid=$id
  fi
  sleep 1
done
S
chmod 755 /usr/local/sbin/netns-web
cat > /etc/systemd/system/netns-web.service <<'S'
[Service]
ExecStart=/usr/local/sbin/netns-web
Restart=always
KillMode=process
[Install]
WantedBy=multi-user.target
S
systemctl daemon-reload
systemctl enable --now netns-web.service
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: nginx:1.27-alpine
    args: [sh, -c, "while true; do sleep 3600; done"]
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
sleep 5
curl -sI -m 3 http://$(kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.podIP}')/
