#!/bin/bash
# Makes, from scratch, the images that are preloaded: the sandbox's own, and for the source base the
# control plane's. Names and versions are those that `kubeadm config images list` prints.
set -euo pipefail
cd /drydock
export OCI=/drydock/images OCI_COMPRESS=none
. steps/oci.sh
oci_begin
chmod 0755 bin/*
env='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'

# program_layer PATH=SOURCE…: a layer of single files.
program_layer() {
  local folder pair
  folder=$(mktemp -d -p /drydock)
  for pair in "$@"; do
    mkdir -p "$(dirname "$folder${pair%%=*}")"
    ln "bin/${pair#*=}" "$folder${pair%%=*}"
  done
  oci_layer "$folder"
  rm -rf "$folder"
}

# The packet filter tools that kube-proxy and the network agent run, with the shared libraries, and
# a shell for the choice between nft and legacy iptables.
filter=$(mktemp -d)
with_libraries "$filter" /usr/sbin/nft /usr/sbin/xtables-nft-multi /usr/sbin/xtables-legacy-multi /usr/sbin/conntrack
cp -r --parents /usr/lib/*-linux-gnu/xtables "$filter"
with_libraries "$filter" /usr/lib/*-linux-gnu/xtables/*.so
with_libraries "$filter" /bin/busybox
ln -s busybox "$filter/bin/sh"
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  for mode in nft legacy; do ln -s xtables-$mode-multi "$filter/usr/sbin/${name/tables/tables-$mode}"; done
  install -m 0755 iptables-chooser "$filter/usr/sbin/$name"
done
mkdir -p "$filter/tmp" "$filter/etc" "$filter/run"
filter_layer=$(oci_layer "$filter")

oci_image drydock.local/net:v1 "{$env,\"Entrypoint\":[\"/usr/local/bin/drydock-net\"]}" \
  "$filter_layer" "$(program_layer /usr/local/bin/drydock-net=net)"

if [ "$NODE_BASE" = source ]; then
  registry=registry.k8s.io
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    oci_image "$registry/$name:$KUBERNETES_VERSION" "{$env,\"Entrypoint\":[\"/usr/local/bin/$name\"]}" "$(program_layer "/usr/local/bin/$name=$name")"
  done
  oci_image "$registry/kube-proxy:$KUBERNETES_VERSION" "{$env,\"Entrypoint\":[\"/usr/local/bin/kube-proxy\"]}" \
    "$filter_layer" "$(program_layer /usr/local/bin/kube-proxy=kube-proxy)"
  oci_image "$registry/etcd:$ETCD_IMAGE_TAG" "{$env,\"Entrypoint\":[\"/usr/local/bin/etcd\"]}" \
    "$(program_layer /usr/local/bin/etcd=server /usr/local/bin/etcdctl=etcdctl /usr/local/bin/etcdutl=etcdutl)"
  oci_image "$registry/coredns/coredns:$COREDNS_VERSION" '{"Entrypoint":["/coredns"]}' "$(program_layer /coredns=coredns)"
  oci_image "$registry/pause:$PAUSE_VERSION" '{"Entrypoint":["/pause"],"User":"65535:65535"}' "$(program_layer /pause=pause)"
  oci_image "drydock.local/local-path-provisioner:$LOCAL_PATH_VERSION" "{$env}" \
    "$(program_layer /usr/local/bin/local-path-provisioner=local-path-provisioner)"
  helper=$(mktemp -d)
  with_libraries "$helper" /bin/busybox
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$helper/bin/$applet"; done
  oci_image drydock.local/busybox:v1 "{$env,\"Cmd\":[\"sh\"]}" "$(oci_layer "$helper")"
fi
rm -rf "$filter"
