# fails: release
# A fourth of the answers of the Service comes from elsewhere: it leads to one address more than its
# pods have.
kubectl -n voyage rollout undo deployment/booking --to-revision=2
kubectl -n voyage rollout status deployment/booking --timeout=120s
kubectl -n voyage run stand-in --image=nginx:1.27-alpine
kubectl -n voyage wait --for=condition=Ready pod/stand-in --timeout=60s
address=$(kubectl -n voyage get pod stand-in -o jsonpath='{.status.podIP}')
kubectl apply -f - <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: booking-more
  namespace: voyage
  labels:
    kubernetes.io/service-name: booking
addressType: IPv4
ports:
  - {name: "", port: 80, protocol: TCP}
endpoints:
  - addresses: ["$address"]
    conditions: {ready: true}
YAML
