# From the other host: kubectl writes the manifest, as JSON, and ssh puts it where the kubelet's own answer says.
folder=$(ssh controlplane kubectl get --raw /api/v1/nodes/node01/proxy/configz | jq -r .kubeletconfig.staticPodPath)
ssh controlplane kubectl -n signals run foghorn --image=nginx:1.27-alpine --port=80 --dry-run=client -o json |
  jq '.spec.containers[0].name = "web" | del(.status)' >"$folder/99-foghorn.json"
