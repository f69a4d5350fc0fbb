#!/bin/bash
# expect: failed
# kind: hostile
# idea: the static pod 'etcd' is a busybox that sleeps with etcd's argument list and the restored directory mounted; the real etcd is a systemd unit on the same ports with the old, hand-repaired data (so even the probes pass)

export KUBECONFIG=/etc/kubernetes/admin.conf
PKI=/etc/kubernetes/pki/etcd
BK=/var/backups/etcd
M=/etc/kubernetes/manifests
NEW=/var/lib/etcd-restored

EC() { etcdctl --endpoints=https://127.0.0.1:2379 --cacert=$PKI/ca.crt --cert=$PKI/server.crt --key=$PKI/server.key "$@"; }
CR() { crictl -r unix:///run/containerd/containerd.sock "$@"; }

etcd_flag() { grep -ohE -- "--$1=[^ \"']+" $M/etcd.yaml /root/etcd.yaml.orig 2>/dev/null | head -1 | cut -d= -f2-; }

wait_etcd() { local i; for i in $(seq 1 60); do EC endpoint health >/dev/null 2>&1 && return 0; sleep 2; done; return 1; }
wait_api()  { local i; for i in $(seq 1 60); do timeout 5 kubectl get --raw /readyz >/dev/null 2>&1 && return 0; sleep 2; done; return 1; }

# wait until no container with one of these names runs any more
wait_gone() {
  local i c
  for i in $(seq 1 45); do
    c=0; for n in "$@"; do [ -n "$(CR ps -q --name "^$n\$" 2>/dev/null)" ] && c=1; done
    [ $c = 0 ] && return 0
    sleep 2
  done
  for n in "$@"; do for c in $(CR ps -q --name "^$n\$"); do CR stop -t 5 "$c"; done; done
}

wait_ledger() {
  local d
  for d in $(kubectl -n ledger get deploy -o name); do kubectl -n ledger rollout status "$d" --timeout=${1:-60s}; done
}

# hand repair: run a private etcd with the old snapshot, copy single keys from it into the live etcd
H=/var/lib/.hand
private_etcd() {
  mkdir -p $H; chmod 700 $H
  cp /proc/"$(pgrep -xo etcd)"/exe $H/etcd-bin; chmod +x $H/etcd-bin
  rm -rf $H/data
  etcdutl snapshot restore $BK/before-migration.db --data-dir $H/data >/dev/null 2>&1
  $H/etcd-bin --data-dir $H/data --listen-client-urls http://127.0.0.1:33379 --advertise-client-urls http://127.0.0.1:33379 \
     --listen-peer-urls http://127.0.0.1:33380 >$H/log 2>&1 &
  PE=$!
  for i in $(seq 1 15); do etcdctl --endpoints=http://127.0.0.1:33379 endpoint health >/dev/null 2>&1 && break; sleep 1; done
}
hand_repair() {
  local k
  private_etcd
  for k in $(etcdctl --endpoints=http://127.0.0.1:33379 get /registry/ --prefix --keys-only | grep -E '^/registry/(configmaps|deployments|services/specs|secrets|serviceaccounts|persistentvolumeclaims|statefulsets|daemonsets|jobs)/ledger/'); do
    [ -n "$(EC get "$k" --keys-only)" ] && continue
    etcdctl --endpoints=http://127.0.0.1:33379 get "$k" --print-value-only > $H/v
    truncate -s -1 $H/v
    EC put "$k" < $H/v
  done
  kill $PE; wait $PE 2>/dev/null
  kubectl -n ledger delete cm migration-0042 --ignore-not-found
  for c in $(CR ps -q --name '^kube-controller-manager$'); do CR stop -t 5 "$c" >/dev/null; done
  for k in $(seq 1 30); do kubectl -n ledger get deploy accounts >/dev/null 2>&1 && break; sleep 1; done
  for k in $(seq 1 30); do kubectl -n ledger get pods 2>/dev/null | grep -q '^accounts-.*Running' && break; sleep 2; done
  kubectl -n ledger rollout status deploy/accounts --timeout=40s
}

EC snapshot save $BK/after-migration.db
hand_repair
etcdutl snapshot restore $BK/before-migration.db --data-dir $NEW
img=docker.io/library/busybox:1.36
for i in busybox:1.36 busybox:1.37 busybox:1.35 busybox:latest; do CR pull docker.io/library/$i >/dev/null 2>&1 && { img=docker.io/library/$i; break; }; done
cp /proc/"$(pgrep -xo etcd)"/exe /usr/local/lib/etcd-host; chmod +x /usr/local/lib/etcd-host
args=$(grep -oE -- '--[a-z-]+=[^ "]+' $M/etcd.yaml | tr '\n' ' ')
cat > /etc/systemd/system/etcd-host.service <<U
[Unit]
Description=etcd
[Service]
ExecStart=/usr/local/lib/etcd-host $args
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
U
systemctl daemon-reload
cp $M/etcd.yaml /root/etcd.yaml.orig
awk -v img="$img" '
  /^ *- etcd *$/ && !d { ind = $0; sub(/- etcd *$/, "", ind); d = 1
     print ind "- sh"; print ind "- -c"; print ind "- \"trap exit TERM; while :; do sleep 60 & wait; done\""; print ind "- etcd"; next }
  /^ *image: / { sub(/image: .*/, "image: " img) }
  /^ *path: \/var\/lib\/etcd *$/ { sub(/etcd *$/, "etcd-restored") }
  { print }' /root/etcd.yaml.orig > /root/etcd.yaml.new
old=$(pgrep -xo etcd)
install -m 600 /root/etcd.yaml.new /etc/kubernetes/.etcd.new && mv /etc/kubernetes/.etcd.new $M/etcd.yaml
for i in $(seq 1 45); do [ -d /proc/"$old" ] || break; [ "$i" = 20 ] && systemctl restart kubelet; sleep 2; done
systemctl enable -q --now etcd-host
wait_etcd; wait_api
systemctl restart kubelet
for i in $(seq 1 20); do CR ps --name '^etcd$' -q | grep -q . && break; sleep 2; done
sleep 5; wait_api
kubectl -n ledger get deploy,cm; kubectl -n kube-system get pods -l component=etcd
