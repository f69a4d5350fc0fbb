# Starts the kubelet of a fresh node with the identity that the control plane gave it. Standard
# input: the files.
mkdir -p /etc/kubernetes/pki
sed -n 's/^ *certificate-authority-data: //p' /etc/kubernetes/kubelet.conf | base64 -d >/etc/kubernetes/pki/ca.crt
start_kubelet
