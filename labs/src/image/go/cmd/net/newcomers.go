package main

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"drydock/node/internal/gate"
	"drydock/node/internal/policy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// addressAnnotation tells the other nodes' agents the address of a pod whose status does not have
	// it yet.
	addressAnnotation = "drydock.local/pod-ip"
	// unknownPodPatience is how long a newcomer waits for its pod to be seen: that of a static pod may
	// come only after it has started.
	unknownPodPatience = 300 * time.Millisecond
	// forgetAfter is how long the address of a pod is remembered that nobody ever hears of.
	forgetAfter = time.Minute
)

// newcomers are pods that have an address already, while their status has not.
type newcomers struct {
	watched *watched
	mu      sync.Mutex
	byPod   map[types.NamespacedName]*newcomer
}

type newcomer struct {
	ip      netip.Addr
	came    time.Time
	applied chan struct{} // closed when the rules have it
}

// welcome starts to listen to the CNI plugin.
func welcome(ctx context.Context, w *watched) (*newcomers, error) {
	n := &newcomers{watched: w, byPod: map[types.NamespacedName]*newcomer{}}
	if err := os.MkdirAll(filepath.Dir(gate.SocketPath), 0o700); err != nil {
		return nil, err
	}
	_ = os.Remove(gate.SocketPath) // of an agent that was killed
	listener, err := net.Listen("unix", gate.SocketPath)
	if err != nil {
		return nil, err
	}
	if err := gate.Began(gate.SocketPath); err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	go gate.Serve(listener, func(announced gate.Newcomer) { n.take(ctx, announced) })
	return n, nil
}

// take returns when the rules of this node have the pod, and the other nodes have been told where
// any policy may look at it.
func (n *newcomers) take(ctx context.Context, announced gate.Newcomer) {
	key := types.NamespacedName{Namespace: announced.Namespace, Name: announced.Name}
	entry := &newcomer{ip: announced.IP, came: time.Now(), applied: make(chan struct{})}
	n.mu.Lock()
	n.byPod[key] = entry
	n.mu.Unlock()
	n.watched.wake()
	told := make(chan struct{})
	go func() {
		defer close(told)
		if len(n.watched.policies.List()) > 0 {
			n.annotate(ctx, key, announced.IP)
		}
	}()
	patience := unknownPodPatience
	if _, known, _ := n.watched.pods.GetByKey(key.String()); known {
		patience = gate.Patience
	}
	select {
	case <-entry.applied:
	case <-time.After(patience):
	}
	<-told
}

// annotate writes the address to the pod. It does not matter when that fails: the status will have
// it soon.
func (n *newcomers) annotate(ctx context.Context, pod types.NamespacedName, ip netip.Addr) {
	ctx, cancel := context.WithTimeout(ctx, gate.Patience/2)
	defer cancel()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{addressAnnotation: ip.String()}}})
	if err == nil {
		_ = n.watched.core.Patch(types.MergePatchType).Namespace(pod.Namespace).Resource("pods").Name(pod.Name).Body(patch).Do(ctx).Error()
	}
}

// introduce gives the newcomers among the pods their addresses, and returns what to call when the
// rules have them.
func (n *newcomers) introduce(cluster *policy.Cluster) (done func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var known []*newcomer
	for i, pod := range cluster.Pods {
		key := types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
		entry := n.byPod[key]
		if entry == nil {
			continue
		}
		known = append(known, entry)
		if slices.ContainsFunc(pod.Status.PodIPs, func(ip corev1.PodIP) bool { return ip.IP == entry.ip.String() }) {
			delete(n.byPod, key)
			continue
		}
		introduced := *pod
		introduced.Status.PodIPs = append(slices.Clone(pod.Status.PodIPs), corev1.PodIP{IP: entry.ip.String()})
		cluster.Pods[i] = &introduced
	}
	for key, entry := range n.byPod {
		if time.Since(entry.came) > forgetAfter && !slices.Contains(known, entry) {
			delete(n.byPod, key)
		}
	}
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, entry := range known {
			select {
			case <-entry.applied:
			default:
				close(entry.applied)
			}
		}
	}
}
