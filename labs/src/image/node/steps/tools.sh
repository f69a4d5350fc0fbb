#!/bin/bash
# What an administrator finds on a host of the exam, and what Drydock needs on one: the same for
# both bases.
set -euo pipefail
cd /drydock

missing=$(for package in $TOOL_PACKAGES; do dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"; done)
if [ -n "$missing" ]; then
  apt-get -qq update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $missing </dev/null
fi

cp -r files/. /
chmod 0700 /root
[ -e /etc/vim/vimrc ] || ln -sf vimrc.local /etc/vim/vimrc
install -m 0755 bin/etcdctl bin/etcdutl /usr/local/bin/
install -m 0755 bin/mirror /usr/local/bin/drydock-mirror
install -D -m 0755 bin/gate /opt/cni/bin/drydock-gate
install -m 0755 bin/shell /usr/local/bin/drydock-shell
install -m 0755 bin/exec /usr/local/bin/drydock-exec
install -m 0755 bin/observer /usr/local/bin/drydock-observer
install -m 0755 bin/wall /usr/local/bin/drydock-wall
[ -x /usr/local/bin/crictl ] || install -m 0755 bin/crictl /usr/local/bin/crictl
mkdir -p /usr/share/bash-completion/completions
kubectl completion bash >/usr/share/bash-completion/completions/kubectl

# An older kind has no `imports`; the drop-in must be read in any case.
if ! grep -q '^imports' /etc/containerd/config.toml; then
  sed -i '0,/^version/s//imports = ["\/etc\/containerd\/conf.d\/*.toml"]\nversion/' /etc/containerd/config.toml
fi
install -D -m 0644 manifests/default-cni.yaml /kind/manifests/default-cni.yaml

rm -f /etc/ssh/ssh_host_* /etc/machine-id
systemctl enable ssh.service drydock-host-keys.service drydock-mirror.service
mkdir -p /kind/mirror
tar -C /kind/mirror -xf mirror.tar
install -m 0644 mirror.yaml /kind/mirror/mirror.yaml
