#!/usr/bin/env bash
# Moves the kubelet's folder for static pods away from kubeadm's usual place, so that it has to be
# looked up.
set -euo pipefail
config=/var/lib/kubelet/config.yaml
folder=/etc/signals/pods

mkdir -p "$folder" /etc/kubernetes/manifests
if ! grep -qx "staticPodPath: $folder" "$config"; then
  sed -i "s#^staticPodPath:.*#staticPodPath: $folder#" "$config"
  grep -qx "staticPodPath: $folder" "$config"
  systemctl restart kubelet
fi

for _ in $(seq 400); do
  if curl -fsS -m 2 http://127.0.0.1:10248/healthz >/dev/null 2>&1; then exit 0; fi
  sleep 0.25
done
echo 'The kubelet of node01 is not healthy 100 seconds after its restart' >&2
exit 1
