# Makes a fresh node the control plane of a cluster like the golden one, with authorities,
# certificates and keys of its own. Standard input: the files, then the snapshot of etcd.
#   $1 its own address  $2… the names of the other hosts
# Prints the credentials that it made, a line of JSON each: {"admin": kubeconfig}, {"grader":
# kubeconfig}, {host: kubelet.conf} for each other host.
cat >/kind/golden.db
address=$1
shift
etcdutl snapshot restore /kind/golden.db --data-dir /var/lib/etcd --name "$HOSTNAME" \
  --initial-cluster "$HOSTNAME=https://$address:2380" --initial-advertise-peer-urls "https://$address:2380" >&2 &
restoring=$!
# The phases that make certificates, kubeconfigs and manifests. What is left out makes objects,
# which the snapshot has, or starts what is started below.
kubeadm init --config /kind/kubeadm.conf --skip-token-print --skip-phases=preflight,kubelet-start,wait-control-plane \
  --skip-phases=upload-config,upload-certs,mark-control-plane,bootstrap-token,kubelet-finalize,addon,show-join-command >&2
# A controller manager that comes before the API server answers is refused and tries again only
# after seconds.
mv /etc/kubernetes/manifests/kube-controller-manager.yaml /kind/
# The grader's credentials, with a key of their own that is printed and kept nowhere; made while
# etcd is filled and the kubelet starts.
exec 3< <(kubeadm kubeconfig user --config /kind/kubeadm.conf --client-name drydock-grader --org system:masters)
wait $restoring
rm /kind/golden.db
start_kubelet

install -D -m 0600 /etc/kubernetes/admin.conf /root/.kube/config
print() { jq -R -s -c --arg name "$1" '{($name): .}'; }
print admin </etc/kubernetes/admin.conf
print grader <&3
for host in "$@"; do
  kubeadm kubeconfig user --config /kind/kubeadm.conf --client-name "system:node:$host" --org system:nodes 2>/dev/null | print "$host"
done
