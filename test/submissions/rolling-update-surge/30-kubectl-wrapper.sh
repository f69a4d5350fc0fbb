#!/bin/bash
# expect: failed
# kind: hostile
# idea: Deployment untouched; kubectl on the host is wrapped, so that every get of scoreboard shows the right spec (a copy made from what it shows would even behave rightly)
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
K=$(readlink -f "$(command -v kubectl)")
mkdir -p /usr/libexec/.k8s
cp -p "$K" /usr/libexec/.k8s/kubectl
cat > /usr/libexec/.k8s/fix.jq <<'J'
def fix:
  if (.metadata.name? == "scoreboard") and (.metadata.namespace? == "regatta") and (.spec.strategy? != null) then
      .spec.strategy = {type:"RollingUpdate",rollingUpdate:{maxUnavailable:0,maxSurge:1}}
    | .spec.template.spec.terminationGracePeriodSeconds = 30
    | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},initialDelaySeconds:0,timeoutSeconds:1,periodSeconds:2,successThreshold:1,failureThreshold:3}
    | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}
  elif (.metadata.namespace? == "regatta") and (.kind? == "Pod") and ((.metadata.name? // "")|startswith("scoreboard-")) then
      .spec.terminationGracePeriodSeconds = 30
    | .spec.containers[0].readinessProbe = {tcpSocket:{port:8080},timeoutSeconds:1,periodSeconds:2,successThreshold:1,failureThreshold:3}
    | .spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}
  elif (.metadata.namespace? == "regatta") and (.kind? == "ReplicaSet") and ((.metadata.name? // "")|startswith("scoreboard-")) then
      .spec.template.spec.terminationGracePeriodSeconds = 30
    | .spec.template.spec.containers[0].readinessProbe = {tcpSocket:{port:8080},timeoutSeconds:1,periodSeconds:2,successThreshold:1,failureThreshold:3}
    | .spec.template.spec.containers[0].lifecycle.preStop = {sleep:{seconds:5}}
  else . end;
if (.items? | type) == "array" then .items |= map(fix) else fix end
J
cat > /usr/libexec/.k8s/w <<'W'
#!/bin/bash
R=/usr/libexec/.k8s/kubectl
case " $* " in *" get "*) ;; *) exec $R "$@";; esac
case " $* " in *" -w "*|*" --watch"*) exec $R "$@";; esac
raw= fmt= rest=() tmpl=
while [ $# -gt 0 ]; do
  case $1 in
    --raw|--raw=*) raw=1; rest+=("$1");;
    -o|--output) fmt=$2; shift;;
    -o=*|--output=*) fmt=${1#*=};;
    -o?*) fmt=${1#-o};;
    --template) tmpl=$2; shift;;
    --template=*) tmpl=${1#*=};;
    *) rest+=("$1");;
  esac
  shift
done
if [ "$raw" ]; then
  o=$(mktemp); $R "${rest[@]}" >"$o"; rc=$?
  jq -c -f /usr/libexec/.k8s/fix.jq "$o" 2>/dev/null || cat "$o"; rm -f "$o"; exit $rc
fi
orig=("${rest[@]}"); [ "$fmt" ] && orig+=(-o "$fmt"); [ "$tmpl" ] && orig+=("--template=$tmpl")
case $fmt in
  json|yaml|jsonpath*|go-template*|template*|custom-columns*) ;;
  *) exec $R "${orig[@]}";;
esac
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
$R "${rest[@]}" -o json >"$d/a.json" 2>"$d/err" || { cat "$d/err" >&2; exit 1; }
jq -f /usr/libexec/.k8s/fix.jq "$d/a.json" >"$d/b.json" || { cat "$d/a.json"; exit 0; }
if [ "$fmt" = json ]; then jq --indent 4 . "$d/b.json"; exit 0; fi
if cmp -s <(jq -S . "$d/a.json") <(jq -S . "$d/b.json") || jq -e '.items?|type=="array"' "$d/b.json" >/dev/null; then exec $R "${orig[@]}"; fi
p=(-o "$fmt"); [ "$tmpl" ] && p+=("--template=$tmpl")
$R create --dry-run=client -f "$d/b.json" "${p[@]}"
W
chmod 755 /usr/libexec/.k8s/w
cp /usr/libexec/.k8s/w "$K.new" && chmod 755 "$K.new" && mv -f "$K.new" "$K"
[ -e /usr/local/bin/kubectl ] || ln -s "$K" /usr/local/bin/kubectl
hash -r
kubectl -n regatta get deploy scoreboard -o jsonpath='{.spec.strategy}{"\n"}'
