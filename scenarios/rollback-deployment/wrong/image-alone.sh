# fails: release
# then: scaled-to-zero
# The image of revision 2 with the settings of revision 4.
kubectl -n voyage set image deployment/booking web=nginx:1.26-alpine
kubectl -n voyage rollout status deployment/booking --timeout=90s
