#!/bin/bash
# What remains to be done when the API server answers: the controller manager starts, and `kubeadm
# join` finds a token and the cluster's address.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/super-admin.conf
until [ "$(curl -sk --noproxy '*' -m 2 https://127.0.0.1:6443/readyz)" = ok ]; do sleep 0.05; done
mv /kind/kube-controller-manager.yaml /etc/kubernetes/manifests/
# The controller manager would bring it to every namespace; the network's pods, which are waiting
# for it, need not wait for that.
kubectl -n kube-system create configmap kube-root-ca.crt --validate=false --from-file=ca.crt=/etc/kubernetes/pki/ca.crt
kubeadm init phase bootstrap-token --config /kind/kubeadm.conf --kubeconfig $KUBECONFIG --skip-token-print
