#!/bin/bash
# What makes a plain Debian a kind node: kind's own files (from its Go module), binaries, units.
# Source base only; an official kindest/node has had all this done. Follows images/base/Dockerfile
# of kind.
set -euo pipefail
cd /drydock

cp -r kind-files/. /
chmod 0755 /kind /kind/bin /kind/bin/* /usr/local/bin/{entrypoint,clean-install}
rm -f /etc/systemd/system/containerd-fuse-overlayfs.service

find /lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete
rm -f /lib/systemd/system/multi-user.target.wants/* /etc/systemd/system/*.wants/* /lib/systemd/system/local-fs.target.wants/* \
  /lib/systemd/system/sockets.target.wants/*udev* /lib/systemd/system/sockets.target.wants/*initctl* /lib/systemd/system/basic.target.wants/*
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nReadKMsg=no\n' >/etc/systemd/journald.conf.d/kind.conf
ln -sf /usr/lib/systemd/systemd /sbin/init

install -m 0755 bin/{kubeadm,kubelet,kubectl} /usr/bin/
install -m 0755 bin/{containerd,containerd-shim-runc-v2,ctr} /usr/local/bin/
install -D -m 0755 -t /opt/cni/bin bin/{host-local,loopback,ptp,portmap}
mkdir -p /etc/kubernetes/manifests /etc/cni/net.d
printf '%s' "$KUBERNETES_VERSION" >/kind/version

sed -i "s#registry.k8s.io/pause:[0-9.]*#registry.k8s.io/pause:$PAUSE_VERSION#" /etc/containerd/config.toml
ctr oci spec | jq '.hooks.createContainer += [{path: "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' >/etc/containerd/cri-base.json
install -D -m 0644 manifests/default-storage.yaml /kind/manifests/default-storage.yaml

systemctl enable kubelet.service containerd.service undo-mount-hacks.service
systemctl mask systemd-binfmt.service
