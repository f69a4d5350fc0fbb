# kubectl writes the manifest, as JSON, into the folder that the kubelet itself names.
folder=$(kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r .kubeletconfig.staticPodPath)
kubectl -n signals run foghorn --image=nginx:1.27-alpine --port=80 --dry-run=client -o json |
  jq '.spec.containers[0].name = "web" | del(.status)' >"$folder/99-foghorn.json"
