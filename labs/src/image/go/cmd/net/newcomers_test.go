package main

import (
	"testing"
	"time"

	"drydock/node/internal/policy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

func pod(name, ip, annotated string) *corev1.Pod {
	p := &corev1.Pod{}
	p.Namespace, p.Name = "shop", name
	if ip != "" {
		p.Status.PodIPs = []corev1.PodIP{{IP: ip}}
	}
	if annotated != "" {
		p.Annotations = map[string]string{addressAnnotation: annotated}
	}
	return p
}

func TestANewcomerHasItsAddressUntilItsStatusHasIt(t *testing.T) {
	key := types.NamespacedName{Namespace: "shop", Name: "web"}
	entry := &newcomer{ip: ip("10.244.0.9"), came: time.Now(), applied: make(chan struct{})}
	n := &newcomers{byPod: map[types.NamespacedName]*newcomer{key: entry}}
	stored := pod("web", "", "")
	cluster := policy.Cluster{Pods: []*corev1.Pod{pod("other", "10.244.0.8", ""), stored}}
	n.introduce(&cluster)()
	if got := cluster.Pods[1].Status.PodIPs; len(got) != 1 || got[0].IP != "10.244.0.9" {
		t.Errorf("introduced with %v", got)
	}
	if len(stored.Status.PodIPs) > 0 {
		t.Error("the informer's own object was changed")
	}
	select {
	case <-entry.applied:
	default:
		t.Error("the plugin still waits")
	}
	cluster.Pods = []*corev1.Pod{pod("web", "10.244.0.9", "")}
	n.introduce(&cluster)()
	if len(n.byPod) > 0 {
		t.Error("still remembered although the status has the address")
	}
}

func TestANewcomerThatNobodyHearsOfIsForgotten(t *testing.T) {
	n := &newcomers{byPod: map[types.NamespacedName]*newcomer{{Name: "gone"}: {came: time.Now().Add(-2 * forgetAfter)}, {Name: "new"}: {came: time.Now()}}}
	n.introduce(&policy.Cluster{})()
	if len(n.byPod) != 1 {
		t.Errorf("%d are remembered", len(n.byPod))
	}
}

func TestAnAnnotatedAddressCountsOnlyUntilTheStatusHasOne(t *testing.T) {
	for _, c := range []struct{ status, annotated, want string }{
		{"", "10.244.1.4", "10.244.1.4"}, {"10.244.1.5", "10.244.1.4", "10.244.1.5"},
	} {
		stripped, _ := strip(pod("web", c.status, c.annotated))
		if got := stripped.(*corev1.Pod).Status.PodIPs; len(got) != 1 || got[0].IP != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
