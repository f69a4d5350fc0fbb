#!/bin/bash
# Loads the images into containerd and moves them out of /var. kind puts /var of every node on a
# volume of its own, and the engine copies the image's /var into it: with the images in it that were
# 1 GB a node. So the unpacked snapshots lie in /kind/snapshots, shared by all nodes, with symlinks
# where containerd looks for them, and the packed layers are deleted: a layer that is unpacked is
# not read again.
set -euo pipefail
store=/var/lib/containerd
snapshots=$store/io.containerd.snapshotter.v1.overlayfs/snapshots
export CONTAINERD_NAMESPACE=k8s.io

containerd >/tmp/containerd.log 2>&1 &
daemon=$!
for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break || sleep 0.1; done
tar -C /drydock/images -cf - . | ctr images import --local --snapshotter overlayfs --label io.cri-containerd.pinned=pinned -
# An official node has its images packed: unpack them once, here, and not in every sandbox. Should
# one not unpack, all layers are kept.
layers=$(ctr content ls -q | while read -r digest; do
  ctr content get "$digest" 2>/dev/null | head -c 65536 | jq -r 'select(.layers) | .layers[].digest' 2>/dev/null || true
done | sort -u)
for digest in $(ctr images ls | awk 'NR > 1 {print $3}' | sort -u); do
  ctr snapshots --snapshotter overlayfs unpack "$digest" >/dev/null 2>&1 || layers=
done
kill -TERM $daemon
wait $daemon || true

mkdir -p /kind/snapshots
for folder in "$snapshots"/*; do
  [ -L "$folder" ] && continue
  name=${folder##*/}
  mv "$folder" "/kind/snapshots/$name"
  ln -s "/kind/snapshots/$name" "$folder"
done
for digest in $layers; do rm -f "$store/io.containerd.content.v1.content/blobs/sha256/${digest#sha256:}"; done
rm -rf /run/containerd /tmp/containerd.log

# So do the thousand small files of the package database, which nobody changes who installs nothing.
mv /var/lib/dpkg /usr/lib/dpkg-database
ln -s /usr/lib/dpkg-database /var/lib/dpkg
