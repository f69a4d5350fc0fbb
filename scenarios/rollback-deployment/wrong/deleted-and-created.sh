# fails: no-lost-request
kubectl -n voyage get deployment booking -o json |
  jq --argjson template "$(kubectl -n voyage get replicasets -o json | jq -c '.items[] | select(.metadata.annotations["deployment.kubernetes.io/revision"] == "2") | .spec.template | del(.metadata.labels["pod-template-hash"])')" \
    '{apiVersion, kind, metadata: {name: .metadata.name, namespace: .metadata.namespace}, spec: (.spec + {template: $template})}' >/tmp/booking.json
kubectl -n voyage delete deployment booking
kubectl -n voyage delete pods -l app=booking --force --grace-period=0 --ignore-not-found
sleep 3 # nobody writes a manifest faster
kubectl -n voyage apply -f /tmp/booking.json
kubectl -n voyage rollout status deployment/booking --timeout=90s
