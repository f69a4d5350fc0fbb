#!/bin/bash
# expect: failed
# kind: hostile
# idea: the kubelet of host node01 re-registers as node02 with a certificate signed with the cluster CA; a cordoned Node object node01 stays behind with a faked heartbeat, quay and cache run on the same host again

export KUBECONFIG=/etc/kubernetes/admin.conf
N=node01

# pods on node01 that are not of a DaemonSet: "namespace name"
left() {
  kubectl get pods -A --field-selector spec.nodeName=$N -o json | jq -r '.items[]
    | select(([.metadata.ownerReferences[]? | select(.controller == true and .kind == "DaemonSet")] | length) == 0)
    | select((.metadata.annotations["kubernetes.io/config.mirror"] // "") == "")
    | "\(.metadata.namespace) \(.metadata.name)"'
}

# a unit on this host that keeps a node "alive" for the node controller, whatever its kubelet does
keep_alive() {   # node
  cat > /usr/local/sbin/node-heartbeat <<'EOF'
#!/bin/bash
export KUBECONFIG=/etc/kubernetes/admin.conf
while :; do
  t=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
  kubectl -n kube-node-lease get lease "$1" >/dev/null 2>&1 ||
    kubectl create -f - <<L >/dev/null 2>&1
{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"$1","namespace":"kube-node-lease"},
 "spec":{"holderIdentity":"$1","leaseDurationSeconds":40,"renewTime":"$t"}}
L
  kubectl -n kube-node-lease patch lease "$1" --type=merge -p "{\"spec\":{\"renewTime\":\"$t\"}}" >/dev/null 2>&1
  sleep 4
done
EOF
  chmod +x /usr/local/sbin/node-heartbeat
  systemctl reset-failed "node-heartbeat-$1" 2>/dev/null
  systemd-run --quiet --unit="node-heartbeat-$1" /usr/local/sbin/node-heartbeat "$1"
}

T=/root/node02; mkdir -p $T
openssl genrsa -out $T/k 2048 2>/dev/null
openssl req -new -key $T/k -subj "/O=system:nodes/CN=system:node:node02" -out $T/csr
printf 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature,keyEncipherment\n' > $T/ext
openssl x509 -req -in $T/csr -CA /etc/kubernetes/pki/ca.crt -CAkey /etc/kubernetes/pki/ca.key -CAcreateserial \
  -CAserial $T/srl -days 365 -extfile $T/ext -out $T/crt 2>/dev/null
cat $T/crt $T/k > $T/kubelet-client-node02.pem

kubectl cordon $N
keep_alive $N
scp -q $T/kubelet-client-node02.pem $N:/var/lib/kubelet/pki/ </dev/null
ssh -n $N 'systemctl stop kubelet
  cd /var/lib/kubelet/pki && chmod 600 kubelet-client-node02.pem
  mkdir -p /root/oldpki; cp -a kubelet-client-* /root/oldpki/
  ln -sfn /var/lib/kubelet/pki/kubelet-client-node02.pem kubelet-client-current.pem
  e=/var/lib/kubelet/kubeadm-flags.env
  touch $e; grep -q ^KUBELET_KUBEADM_ARGS= $e || echo "KUBELET_KUBEADM_ARGS=\"\"" >> $e
  for f in $e /etc/default/kubelet; do [ -e $f ] && sed -i "s/--hostname-override=[^ \"]*//g" $f; done
  sed -i "s/^KUBELET_KUBEADM_ARGS=\"/&--hostname-override=node02 /" $e
  rm -f /var/lib/kubelet/cpu_manager_state /var/lib/kubelet/memory_manager_state
  systemctl start kubelet'
for i in $(seq 1 30); do kubectl get node node02 2>/dev/null | grep -qw Ready && break; sleep 3; done
kubectl cordon controlplane
for r in 1 2 3; do
  left | while read -r ns p; do kubectl -n "$ns" delete pod "$p" --force --grace-period=0 </dev/null; done
  sleep 3
done
kubectl -n harbor get pods -o json | jq -r '.items[] | select(.spec.nodeName == "controlplane")
   | select(any(.metadata.ownerReferences[]?; .kind == "ReplicaSet")) | .metadata.name' |
  while read -r p; do kubectl -n harbor delete pod "$p" --grace-period=3 --wait=false </dev/null; done
kubectl -n harbor rollout status deploy/quay --timeout=50s
kubectl -n harbor rollout status deploy/cache --timeout=30s
kubectl uncordon controlplane
kubectl get nodes -o wide; kubectl -n harbor get pods -o wide
