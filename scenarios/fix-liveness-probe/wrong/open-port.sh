# fails: probe, in-time
# then: probe-removed
# A port that is open says nothing about the health of the application.
kubectl -n lighthouse patch deployment beacon --patch '{"spec": {"template": {"spec": {"containers": [{"name": "beacon", "livenessProbe": {"httpGet": null, "tcpSocket": {"port": 8080}}}]}}}}'
kubectl -n lighthouse rollout status deployment/beacon --timeout=60s
