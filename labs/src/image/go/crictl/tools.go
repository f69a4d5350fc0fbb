//go:build tools

// Package crictl pins crictl. Its libraries are those of an earlier Kubernetes than the node's, so
// it is a module of its own.
package crictl

import _ "sigs.k8s.io/cri-tools/cmd/crictl"
