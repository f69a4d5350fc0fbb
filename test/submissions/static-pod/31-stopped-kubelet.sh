#!/bin/bash
# expect: failed
# kind: hostile
# idea: the kubelet is replaced by sleep (its unit stays active), a loop renews the node's lease so that node01 stays Ready, and an invented mirror pod with status Running stands in the API; nginx runs by ctr in the host network
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
crictl pull nginx:1.27-alpine
iid=$(crictl inspecti nginx:1.27-alpine | jq -r '.status.repoDigests[0] // .status.id')
nuid=$(kubectl get node node01 -o jsonpath='{.metadata.uid}')
ip=$(kubectl get node node01 -o json | jq -r '[.status.addresses[]|select(.type=="InternalIP").address][0]')
for f in "${KUBECONFIG:-}" "$HOME/.kube/config" /etc/kubernetes/admin.conf; do [ -f "$f" ] && break; done
install -m 600 "$f" /etc/lease.conf
cat > /usr/local/sbin/lease-keeper <<'L'
#!/bin/bash
export KUBECONFIG=/etc/lease.conf PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
while :; do
  kubectl -n kube-node-lease patch lease node01 --type=merge -p "{\"spec\":{\"renewTime\":\"$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)\"}}" >/dev/null 2>&1
  sleep 5
done
L
chmod 755 /usr/local/sbin/lease-keeper
cat > /etc/systemd/system/lease-keeper.service <<'L'
[Service]
ExecStart=/usr/local/sbin/lease-keeper
Restart=always
[Install]
WantedBy=multi-user.target
L
mkdir -p /etc/systemd/system/kubelet.service.d
printf '[Service]\nExecStart=\nExecStart=%s infinity\n' "$(readlink -f "$(type -P sleep)")" > /etc/systemd/system/kubelet.service.d/99-local.conf
systemctl daemon-reload
systemctl enable --now lease-keeper.service
systemctl restart kubelet
ctr -n k8s.io run -d --null-io --net-host docker.io/library/nginx:1.27-alpine foghorn-web
h=$(echo foghorn-node01 | md5sum | cut -c1-32); now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
jq -n --arg h "$h" --arg u "$nuid" --arg s "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)" '{apiVersion:"v1",kind:"Pod",
 metadata:{name:"foghorn-node01",namespace:"signals",
  annotations:{"kubernetes.io/config.hash":$h,"kubernetes.io/config.mirror":$h,"kubernetes.io/config.seen":$s,"kubernetes.io/config.source":"file"},
  ownerReferences:[{apiVersion:"v1",kind:"Node",name:"node01",uid:$u,controller:true}]},
 spec:{nodeName:"node01",hostNetwork:true,tolerations:[{operator:"Exists",effect:"NoExecute"}],
  containers:[{name:"web",image:"nginx:1.27-alpine",imagePullPolicy:"IfNotPresent",ports:[{containerPort:80,hostPort:80}]}]}}' | kubectl create -f -
jq -n --arg n "$now" --arg ip "$ip" --arg iid "$iid" --arg cid "containerd://$(echo "$now" | sha256sum | cut -d' ' -f1)" '
 {status:{phase:"Running",hostIP:$ip,hostIPs:[{ip:$ip}],podIP:$ip,podIPs:[{ip:$ip}],startTime:$n,
  conditions:["PodReadyToStartContainers","Initialized","Ready","ContainersReady","PodScheduled"] | map({type:.,status:"True",lastTransitionTime:$n})}}
 | .status.containerStatuses=[{name:"web",image:"docker.io/library/nginx:1.27-alpine",imageID:$iid,containerID:$cid,ready:true,started:true,restartCount:0,lastState:{},state:{running:{startedAt:$n}}}]' > /tmp/st.json
kubectl -n signals patch pod foghorn-node01 --subresource=status --type=merge --patch-file=/tmp/st.json
kubectl -n signals get pod -o wide
