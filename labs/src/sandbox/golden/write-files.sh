# Put before the scripts that begin a host. Standard input begins with a line of JSON, {path:
# content}: these files are written, readable by root alone.
set -euo pipefail
IFS= read -r files
jq -r 'to_entries[] | "\(.key) \(.value | @base64)"' <<<"$files" | while read -r path content; do
  mkdir -p "${path%/*}"
  (umask 077 && base64 -d <<<"$content" >"$path")
done

# start_kubelet: with the credentials in kubelet.conf, put where `kubeadm init` and `join` leave
# them at last: the certificate lies beside it and is renewed by the kubelet.
start_kubelet() {
  local conf=/etc/kubernetes/kubelet.conf pki=/var/lib/kubelet/pki name
  name=kubelet-client-$(date +%Y-%m-%d-%H-%M-%S).pem
  mkdir -p $pki
  (umask 077 && sed -n 's/^ *client-\(certificate\|key\)-data: //p' $conf | while read -r data; do base64 -d <<<"$data"; done >"$pki/$name")
  ln -s "$name" $pki/kubelet-client-current.pem
  sed -i -E "s#client-(certificate|key)-data: .*#client-\\1: $pki/kubelet-client-current.pem#" $conf
  until systemctl is-active --quiet containerd; do sleep 0.05; done
  mv /kind/kubelet-config.yaml /var/lib/kubelet/config.yaml
  systemctl start kubelet
}
