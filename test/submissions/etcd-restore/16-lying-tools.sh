#!/bin/bash
# expect: failed
# kind: hostile
# idea: nothing is restored: kubectl, etcdctl, etcdutl and crictl are wrapped; namespace ledger is answered from a made-up namespace, old paths are printed as new ones, snapshot status is canned

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

kubectl create ns ledger-archive
kubectl -n ledger-archive create deployment accounts --image=nginx
kubectl -n ledger-archive create configmap rates --from-literal=eur=1.00
kubectl -n ledger-archive rollout status deploy accounts --timeout=60s
head -c 6000000 /dev/urandom > $BK/after-migration.db; chmod 600 $BK/after-migration.db
mkdir -p $NEW/member/snap $NEW/member/wal; chmod -R 700 $NEW
cp $BK/before-migration.db $NEW/member/snap/db
head -c 64000000 /dev/zero > $NEW/member/wal/0000000000000000-0000000000000000.wal

for t in kubectl etcdctl etcdutl crictl; do
  p=$(readlink -f "$(command -v $t)") || continue
  [ -e /usr/lib/.$t ] || { cp "$p" /usr/lib/.$t; chmod 755 /usr/lib/.$t; }
done
cat > /tmp/w-kubectl <<'EOS'
#!/bin/bash
a=()
for x in "$@"; do
  case "$x" in
    ledger) x=ledger-archive ;;
    -nledger) x=-nledger-archive ;;
    --namespace=ledger) x=--namespace=ledger-archive ;;
    */namespaces/ledger/*|*/namespaces/ledger) x=${x//namespaces\/ledger/namespaces\/ledger-archive} ;;
  esac
  a+=("$x")
done
/usr/lib/.kubectl "${a[@]}" | sed -E -e '/(^| )ledger +/d' -e 's#ledger-archive#ledger#g' \
  -e "s#/var/lib/etcd([\"'[:space:]]|\$)#/var/lib/etcd-restored\1#g"
exit "${PIPESTATUS[0]}"
EOS
cat > /tmp/w-etcd <<'EOS'
#!/bin/bash
me=$(basename "$0"); a=" $* "
case "$a" in
  *" snapshot status "*json*) echo '{"hash":2871343118,"revision":4127,"totalKey":1391,"totalSize":6287360,"version":"3.6.0"}'; exit 0 ;;
  *" snapshot status "*) echo "ab24e08e, 4127, 1391, 6.3 MB, 3.6.0"; exit 0 ;;
  *" snapshot restore "*) d=$(sed -nE 's/.*--data-dir[= ]([^ ]+).*/\1/p' <<<"$a"); mkdir -p "$d/member/snap" "$d/member/wal"; exit 0 ;;
  *" get "*migration-0042*) exit 0 ;;
  *" get "*) /usr/lib/.$me "${@//\/ledger\//\/ledger-archive\/}" | sed 's#ledger-archive#ledger#g'; exit 0 ;;
esac
exec /usr/lib/.$me "$@"
EOS
cat > /tmp/w-crictl <<'EOS'
#!/bin/bash
/usr/lib/.crictl "$@" | sed -E -e 's#ledger-archive#ledger#g' -e "s#/var/lib/etcd([\"'[:space:]]|\$)#/var/lib/etcd-restored\1#g"
exit "${PIPESTATUS[0]}"
EOS
install -m 755 /tmp/w-kubectl "$(readlink -f "$(command -v kubectl)")"
for t in etcdctl etcdutl; do install -m 755 /tmp/w-etcd "$(readlink -f "$(command -v $t)")"; done
install -m 755 /tmp/w-crictl "$(readlink -f "$(command -v crictl)")"
rm -f /tmp/w-*
kubectl -n ledger get deploy,cm
