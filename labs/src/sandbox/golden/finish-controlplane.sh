#!/bin/bash
# What remains to be done when the API server answers: the controller manager starts, the kubelet uses the certificate that it renews itself, and
# `kubeadm join` finds a token and the cluster's address.
set -euo pipefail
until [ "$(curl -sk --noproxy '*' -m 2 https://127.0.0.1:6443/readyz)" = ok ]; do sleep 0.05; done
kubeadm init phase control-plane controller-manager --config /kind/kubeadm.conf
# The controller manager would bring it to every namespace; the network's pods, which are waiting for it, need not wait for that.
kubectl --kubeconfig /etc/kubernetes/super-admin.conf -n kube-system create configmap kube-root-ca.crt --from-file=ca.crt=/etc/kubernetes/pki/ca.crt
kubeadm init phase kubelet-finalize all --config /kind/kubeadm.conf
kubeadm init phase bootstrap-token --config /kind/kubeadm.conf --kubeconfig /etc/kubernetes/super-admin.conf --skip-token-print
