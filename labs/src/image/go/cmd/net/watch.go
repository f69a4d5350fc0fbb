package main

import (
	"context"
	"reflect"
	"time"

	"drydock/node/internal/policy"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// settle is how long changes are gathered before they are applied.
const settle = 10 * time.Millisecond

// watched is the part of the cluster that the agent needs, kept up to date.
type watched struct {
	pods, namespaces, policies, nodes cache.Store
	core                              rest.Interface
	changed                           chan struct{}
}

// watch starts watching and returns when everything has been read once.
func watch(ctx context.Context, kubeconfig string) (*watched, error) {
	config, err := readCredentials(kubeconfig)
	if err != nil {
		return nil, err
	}
	config.UserAgent = "drydock-net"
	w := &watched{changed: make(chan struct{}, 1)}
	var synced []cache.InformerSynced
	for _, kind := range []struct {
		store    *cache.Store
		group    schema.GroupVersion
		resource string
		example  runtime.Object
	}{
		{&w.pods, corev1.SchemeGroupVersion, "pods", &corev1.Pod{}},
		{&w.namespaces, corev1.SchemeGroupVersion, "namespaces", &corev1.Namespace{}},
		{&w.nodes, corev1.SchemeGroupVersion, "nodes", &corev1.Node{}},
		{&w.policies, networkingv1.SchemeGroupVersion, "networkpolicies", &networkingv1.NetworkPolicy{}},
	} {
		client, err := newClient(config, kind.group)
		if err != nil {
			return nil, err
		}
		if kind.group.Group == "" {
			w.core = client
		}
		lister := cache.NewListWatchFromClient(client, kind.resource, metav1.NamespaceAll, fields.Everything())
		store, informer := cache.NewInformerWithOptions(cache.InformerOptions{
			ListerWatcher: lister, ObjectType: kind.example, Transform: strip, Handler: cache.ResourceEventHandlerFuncs{
				AddFunc:    func(any) { w.wake() },
				DeleteFunc: func(any) { w.wake() },
				UpdateFunc: func(before, now any) {
					if !same(before, now) {
						w.wake()
					}
				},
			}})
		*kind.store = store
		synced = append(synced, informer.HasSynced)
		go informer.RunWithContext(ctx)
	}
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		return nil, ctx.Err()
	}
	return w, nil
}

// readCredentials gives those of the kubeconfig or, without one, of the pod's service account.
func readCredentials(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// newClient speaks for one API group with a scheme of its own: client-go's clientset would register
// every API there is, and keep it in memory.
func newClient(config *rest.Config, group schema.GroupVersion) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	c := rest.CopyConfig(config)
	c.GroupVersion = &group
	c.APIPath = "/apis"
	if group.Group == "" {
		c.APIPath = "/api"
	}
	c.ContentType = runtime.ContentTypeProtobuf
	c.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.RESTClientFor(c)
}

// strip keeps of an object only what the agent looks at, so that the rest is not held in memory and
// its changes wake nobody.
func strip(object any) (any, error) {
	switch o := object.(type) {
	case *corev1.Pod:
		pod := &corev1.Pod{ObjectMeta: keptMeta(o.ObjectMeta), Status: corev1.PodStatus{Phase: o.Status.Phase, PodIPs: o.Status.PodIPs}}
		pod.Spec = corev1.PodSpec{NodeName: o.Spec.NodeName, HostNetwork: o.Spec.HostNetwork}
		if ip := o.Annotations[addressAnnotation]; ip != "" && len(pod.Status.PodIPs) == 0 {
			pod.Status.PodIPs = []corev1.PodIP{{IP: ip}}
		}
		pod.Spec.Containers, pod.Spec.InitContainers = keptPorts(o.Spec.Containers), keptPorts(o.Spec.InitContainers)
		return pod, nil
	case *corev1.Namespace:
		return &corev1.Namespace{ObjectMeta: keptMeta(o.ObjectMeta)}, nil
	case *corev1.Node:
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: o.Name, ResourceVersion: o.ResourceVersion}}
		node.Spec.PodCIDRs, node.Status.Addresses = o.Spec.PodCIDRs, o.Status.Addresses
		return node, nil
	case *networkingv1.NetworkPolicy:
		return &networkingv1.NetworkPolicy{ObjectMeta: keptMeta(o.ObjectMeta), Spec: o.Spec}, nil
	}
	return object, nil
}

func keptMeta(m metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: m.Namespace, Name: m.Name, UID: m.UID, ResourceVersion: m.ResourceVersion, Labels: m.Labels}
}

func keptPorts(containers []corev1.Container) (kept []corev1.Container) {
	for _, c := range containers {
		kept = append(kept, corev1.Container{Ports: c.Ports, RestartPolicy: c.RestartPolicy})
	}
	return kept
}

// same says whether nothing that strip keeps has changed.
func same(before, now any) bool {
	a, b := before.(runtime.Object).DeepCopyObject(), now.(runtime.Object).DeepCopyObject()
	a.(metav1.Object).SetResourceVersion("")
	b.(metav1.Object).SetResourceVersion("")
	return reflect.DeepEqual(a, b)
}

func (w *watched) wake() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// wait returns when something has changed, or after retry when that is not 0.
func (w *watched) wait(ctx context.Context, retry time.Duration) {
	var again <-chan time.Time
	if retry > 0 {
		again = time.After(retry)
	}
	select {
	case <-ctx.Done():
	case <-again:
	case <-w.changed:
		time.Sleep(settle)
	}
}

// snapshot is the cluster as last seen.
func (w *watched) snapshot() (policy.Cluster, []*corev1.Node) {
	return policy.Cluster{
		Pods:       typed[*corev1.Pod](w.pods),
		Namespaces: typed[*corev1.Namespace](w.namespaces),
		Policies:   typed[*networkingv1.NetworkPolicy](w.policies),
	}, typed[*corev1.Node](w.nodes)
}

func typed[T any](store cache.Store) (list []T) {
	for _, item := range store.List() {
		list = append(list, item.(T))
	}
	return list
}
