#!/usr/bin/env bash
# The namespace of the pod that is asked for.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf

kubectl create namespace signals --dry-run=client -o yaml | kubectl apply -f -
