# fails: answers
# The container only sleeps: the host leads what is sent to its port to an nginx of its own.
cat >/etc/signals/pods/foghorn.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: foghorn
  namespace: signals
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: nginx:1.27-alpine
      command: [sleep, infinity]
YAML
cat >/etc/signals/pods/other.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: other
  namespace: default
spec:
  hostNetwork: true
  containers:
    - name: other
      image: nginx:1.27-alpine
YAML
for _ in $(seq 60); do
  address=$(crictl pods -q --name '^foghorn-node01$' --state ready | head -1 | xargs -r crictl inspectp | jq -r .status.network.ip)
  [ -n "$address" ] && [ "$address" != null ] && curl -s -o /dev/null --max-time 1 http://127.0.0.1/ && break
  sleep 1
done
own=$(ip -4 -o addr show eth0 | awk '{sub("/.*", "", $4); print $4}')
nft -f - <<NFT
table ip elsewhere {
  chain prerouting { type nat hook prerouting priority -150; ip daddr $address tcp dport 80 dnat to $own:80; }
  chain output { type nat hook output priority -150; ip daddr $address tcp dport 80 dnat to $own:80; }
}
NFT
curl -s --max-time 3 "http://$address/" | grep -q 'Welcome to nginx'
