#!/bin/bash
# expect: failed
# kind: hostile
# idea: strategy and readiness right, no hook; on every node the image behind the same tag gets one more layer in containerd, in which the started program is wrapped so that it hands TERM on only after 5.5 s
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
d=$($k get deploy scoreboard -o json)
img=$(jq -r '.spec.template.spec.containers[0].image' <<<"$d")
c=$(jq -r '.spec.template.spec.containers[0].name' <<<"$d")
# which program is process 1 started as?
cmd0=$(jq -r '.spec.template.spec.containers[0].command[0] // empty' <<<"$d")
if [ -z "$cmd0" ]; then
  cmd0=$(crictl inspecti "$img" 2>/dev/null | jq -r '(.info.imageSpec.config.Entrypoint // .info.imageSpec.config.Cmd // [])[0] // empty')
fi
[ -n "$cmd0" ] || cmd0=/bin/sh
p=$cmd0
case $p in /*) ;; *) p=$($k exec deploy/scoreboard -c "$c" -- sh -c "command -v $cmd0");; esac
full=$($k exec deploy/scoreboard -c "$c" -- sh -c "readlink -f $p")
bb=$($k exec deploy/scoreboard -c "$c" -- sh -c 'test -x /bin/busybox && echo yes')
app=$($k exec deploy/scoreboard -c "$c" -- sh -c "test $full -ef /bin/busybox && echo yes")   # an applet (hard link or link)
rm -rf /tmp/layer; mkdir -p "/tmp/layer$(dirname "$p")" /tmp/layer/bin
if [ "$(basename "$p")" = busybox ]; then
  mkdir -p /tmp/layer/bin/.b; $k exec deploy/scoreboard -c "$c" -- cat "$full" > /tmp/layer/bin/.b/busybox; chmod 755 /tmp/layer/bin/.b/busybox
  interp='/bin/.b/busybox sh'; real=/bin/.b/busybox
else
  if [ "$bb" = yes ]; then interp='/bin/busybox sh'
  else interp=/bin/.sh; $k exec deploy/scoreboard -c "$c" -- cat "$($k exec deploy/scoreboard -c "$c" -- readlink -f /bin/sh)" > /tmp/layer/bin/.sh; chmod 755 /tmp/layer/bin/.sh; fi
  if [ "$app" = yes ]; then real="/bin/busybox $(basename "$p")"
  elif [ "$bb" != yes ] && [ "$(basename "$p")" = sh ]; then real=/bin/.sh
  else $k exec deploy/scoreboard -c "$c" -- cat "$full" > "/tmp/layer$p.bin"; chmod 755 "/tmp/layer$p.bin"; real=$p.bin; fi
fi
cat > "/tmp/layer$p" <<W
#!$interp
if [ \$\$ != 1 ]; then exec $real "\$@"; fi
$real "\$@" &
c=\$!
trap 'sleep 5.5; kill -TERM \$c' TERM QUIT WINCH INT
while :; do
  wait \$c; s=\$?
  kill -0 \$c 2>/dev/null || exit \$s
done
W
chmod 755 "/tmp/layer$p"
# docker's busybox has /bin as a folder; on merged-usr images keep the link: write below /usr
if [ "$($k exec deploy/scoreboard -c "$c" -- sh -c 'test -L /bin && echo l')" = l ] && [ -d /tmp/layer/bin ]; then mkdir -p /tmp/layer/usr/bin; cp -a /tmp/layer/bin/. /tmp/layer/usr/bin/; rm -rf /tmp/layer/bin; fi
tar -C /tmp/layer --owner=0 --group=0 -cf /tmp/layer.tar .
cat > /tmp/run.sh <<R
img='$img'
R
cat >> /tmp/run.sh <<'R'
set -e
case $img in
  *.*/*|localhost/*) ref=$img;;
  */*) ref=docker.io/$img;;
  *) ref=docker.io/library/$img;;
esac
case ${ref##*/} in *:*|*@*) ;; *) ref=$ref:latest;; esac
crictl pull "$img" >/dev/null 2>&1 || true
w=$(mktemp -d); cd "$w"; mkdir o
ctr -n k8s.io images export --platform linux/amd64 i.tar "$ref"
tar -C o -xf i.tar; cd o
cfg=$(jq -r '.[0].Config' manifest.json)
L=$(sha256sum < /tmp/.layer.tar | cut -d' ' -f1)
cp /tmp/.layer.tar extra.tar
jq -c --arg d "sha256:$L" '.rootfs.diff_ids += [$d] | if .history then .history += [{created_by:"COPY . /"}] else . end' "$cfg" > newcfg.json
N=$(sha256sum < newcfg.json | cut -d' ' -f1); mv newcfg.json "$N.json"
jq -c --arg c "$N.json" --arg t "$ref" '[{Config:$c, RepoTags:[$t], Layers:(.[0].Layers + ["extra.tar"])}]' manifest.json > m2
mv m2 manifest.json; rm -f index.json oci-layout
tar -cf ../n.tar manifest.json "$N.json" $(jq -r '.[0].Layers[]' manifest.json)
cd ..
ctr -n k8s.io images import --platform linux/amd64 n.tar
cd /; rm -rf "$w" /tmp/.layer.tar
R
for t in busybox:1.36 busybox:1.37 busybox:stable busybox:latest; do crictl pull $t >/dev/null 2>&1 && h=$t && break; done
[ "${h:-busybox:1.36}" = "$img" ] && h=nginx:1.27-alpine
gzip -9c /tmp/layer.tar > /tmp/layer.tgz
if [ "$(stat -c %s /tmp/layer.tgz)" -lt 700000 ]; then
  kubectl -n kube-system create configmap img --from-file=run.sh=/tmp/run.sh --from-file=l.tgz=/tmp/layer.tgz
else  # too big for a ConfigMap: this node only
  cp /tmp/layer.tar /tmp/.layer.tar; bash /tmp/run.sh
fi
kubectl apply -f - <<Y
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: img, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: img}}
  template:
    metadata: {labels: {k8s-app: img}}
    spec:
      hostPID: true
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      containers:
      - name: img
        image: ${h:-busybox:1.36}
        imagePullPolicy: IfNotPresent
        securityContext: {privileged: true}
        command: [sh, -c, 'gzip -dc /cm/l.tgz > /proc/1/root/tmp/.layer.tar && nsenter -t 1 -m -u -i -n -p -- /bin/bash -c "\$(cat /cm/run.sh)" && touch /tmp/done; sleep 86400']
        readinessProbe: {exec: {command: [test, -f, /tmp/done]}, periodSeconds: 1}
        volumeMounts: [{name: cm, mountPath: /cm}]
      volumes: [{name: cm, configMap: {name: img}}]
Y
kubectl -n kube-system rollout status ds/img --timeout=100s
kubectl -n kube-system delete ds/img cm/img
$k get deploy scoreboard -o json | jq 'del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:1}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=120s
