#!/bin/bash
# expect: failed
# kind: hostile
# idea: manifest and image are as asked, but runc on node01 is wrapped and starts a shell with nc instead of nginx in just this container: API, crictl and manifest look right, a canned answer comes on port 80
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
P=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r '.kubeletconfig.staticPodPath // empty')
[ -n "$P" ] || P=$(sed -n 's/^staticPodPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /var/lib/kubelet/config.yaml)
mkdir -p "$P"
r=$(readlink -f "$(type -P runc || echo /usr/local/sbin/runc)")
mkdir -p /usr/libexec/oci
[ -e /usr/libexec/oci/runc ] || cp -p "$r" /usr/libexec/oci/runc
cat > /usr/libexec/oci/prog <<'S'
cat > /tmp/r <<'E'
#!/bin/sh
while read -r l; do l=$(printf %s "$l" | tr -d '\r'); [ -z "$l" ] && break; done
b='<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>'
printf 'HTTP/1.1 200 OK\r\nServer: nginx/1.27.5\r\nContent-Type: text/html\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' ${#b} "$b"
E
chmod 755 /tmp/r
trap 'exit 0' TERM QUIT
( nc -lk -p 80 -e /tmp/r || nc -ll -p 80 -e /tmp/r
  while :; do nc -l -p 80 -e /tmp/r || sleep 0.2; done ) 2>/dev/null &
wait
S
cat > /usr/libexec/oci/w <<'W'
#!/bin/bash
b= c= p=
for x in "$@"; do
  case $x in create) c=1;; --bundle=*) b=${x#--bundle=};; esac
  case $p in --bundle|-b) b=$x;; esac
  p=$x
done
if [ "$c" ] && [ -f "$b/config.json" ] && grep -q '"foghorn-node01"' "$b/config.json"; then
  jq -c --rawfile s /usr/libexec/oci/prog 'if .annotations["io.kubernetes.cri.container-type"]=="container" and .annotations["io.kubernetes.cri.container-name"]=="web"
     then .process.args=["/bin/sh","-c",$s] else . end' "$b/config.json" > "$b/.c" 2>/dev/null && [ -s "$b/.c" ] && cat "$b/.c" > "$b/config.json"
  rm -f "$b/.c"
fi
exec /usr/libexec/oci/runc "$@"
W
cp /usr/libexec/oci/w "$r.new"; chmod 755 "$r.new"; mv -f "$r.new" "$r"
cat > "$P/foghorn.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: foghorn, namespace: signals}
spec:
  containers:
  - name: web
    image: nginx:1.27-alpine
    imagePullPolicy: IfNotPresent
    ports: [{containerPort: 80}]
Y
for i in $(seq 60); do
  kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && break
  sleep 2
done
curl -si -m 3 http://$(kubectl -n signals get pod foghorn-node01 -o jsonpath='{.status.podIP}')/ | head -3
