# Starts the kubelet of a fresh node with the identity that the control plane gave it. Standard input: the files.
cd /var/lib/kubelet/pki
ln -sf kubelet-client-*.pem kubelet-client-current.pem
systemctl start kubelet
