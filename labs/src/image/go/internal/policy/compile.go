package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Cluster is what the API server says.
type Cluster struct {
	Pods       []*corev1.Pod
	Namespaces []*corev1.Namespace
	Policies   []*networkingv1.NetworkPolicy
}

// pod is a pod with an address of its own. Pods of the host's network have none and are never
// selected; those that have finished keep an address in their status that may already be another's.
type pod struct {
	*corev1.Pod
	ips []netip.Addr
}

// peer is one element of `from` or `to`, resolved: any, some pods, or a block of addresses.
type peer struct {
	any    bool
	pods   []pod
	block  netip.Prefix
	except []netip.Prefix
}

type compiler struct {
	pods       []pod
	namespaces map[string]labels.Set
	node       string
	isolated   map[networkingv1.PolicyType]map[netip.Addr]*Pod
}

// Compile gives the ruleset for the pods of one node. Equal clusters give equal rulesets, whatever
// the order of their objects. IPv4 only.
func Compile(node string, cluster Cluster) Ruleset {
	c := compiler{node: node, namespaces: map[string]labels.Set{}, isolated: map[networkingv1.PolicyType]map[netip.Addr]*Pod{
		networkingv1.PolicyTypeIngress: {}, networkingv1.PolicyTypeEgress: {},
	}}
	for _, namespace := range cluster.Namespaces {
		c.namespaces[namespace.Name] = namespace.Labels
	}
	for _, p := range cluster.Pods {
		if ips := addresses(p); len(ips) > 0 {
			c.pods = append(c.pods, pod{p, ips})
		}
	}
	slices.SortFunc(c.pods, func(a, b pod) int { return a.ips[0].Compare(b.ips[0]) })
	policies := slices.Clone(cluster.Policies)
	slices.SortFunc(policies, func(a, b *networkingv1.NetworkPolicy) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	for _, policy := range policies {
		c.apply(policy)
	}
	return Ruleset{sorted(c.isolated[networkingv1.PolicyTypeIngress]), sorted(c.isolated[networkingv1.PolicyTypeEgress])}
}

func sorted(byIP map[netip.Addr]*Pod) (pods []Pod) {
	for _, p := range byIP {
		pods = append(pods, *p)
	}
	slices.SortFunc(pods, func(a, b Pod) int { return a.IP.Compare(b.IP) })
	return pods
}

// addresses gives the IPv4 addresses that are a pod's own.
func addresses(p *corev1.Pod) (ips []netip.Addr) {
	if p.Spec.HostNetwork || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
		return nil
	}
	for _, podIP := range p.Status.PodIPs {
		if ip, err := netip.ParseAddr(podIP.IP); err == nil && ip.Is4() {
			ips = append(ips, ip)
		}
	}
	return ips
}

// apply isolates the policy's pods on this node and adds what the policy allows them.
func (c *compiler) apply(policy *networkingv1.NetworkPolicy) {
	subjects := slices.DeleteFunc(c.selectPods(&policy.Spec.PodSelector, nil, policy.Namespace), func(p pod) bool { return p.Spec.NodeName != c.node })
	if len(subjects) == 0 {
		return
	}
	if hasType(policy, networkingv1.PolicyTypeIngress) {
		c.isolate(networkingv1.PolicyTypeIngress, subjects)
		for _, rule := range policy.Spec.Ingress {
			c.allow(networkingv1.PolicyTypeIngress, subjects, c.resolve(rule.From, policy.Namespace), rule.Ports)
		}
	}
	if hasType(policy, networkingv1.PolicyTypeEgress) {
		c.isolate(networkingv1.PolicyTypeEgress, subjects)
		for _, rule := range policy.Spec.Egress {
			c.allow(networkingv1.PolicyTypeEgress, subjects, c.resolve(rule.To, policy.Namespace), rule.Ports)
		}
	}
}

func (c *compiler) isolate(direction networkingv1.PolicyType, subjects []pod) {
	for _, subject := range subjects {
		for _, ip := range subject.ips {
			if c.isolated[direction][ip] == nil {
				c.isolated[direction][ip] = &Pod{IP: ip}
			}
		}
	}
}

// allow adds one rule of a policy to all its pods. No ports at all means every port.
func (c *compiler) allow(direction networkingv1.PolicyType, subjects []pod, peers []peer, ports []networkingv1.NetworkPolicyPort) {
	for _, subject := range subjects {
		var rules []Rule
		for _, peer := range peers {
			if len(ports) == 0 {
				rules = append(rules, peer.rule(Port{}))
			}
			for _, port := range ports {
				switch {
				case port.Port == nil || port.Port.Type == intstr.Int:
					rules = append(rules, peer.rule(numeric(port)))
				case direction == networkingv1.PolicyTypeIngress:
					for _, number := range named(subject, port) {
						rules = append(rules, peer.rule(number))
					}
				default:
					rules = append(rules, c.namedAtPeers(peer, port)...)
				}
			}
		}
		for _, ip := range subject.ips {
			for _, rule := range rules {
				c.isolated[direction][ip].add(rule)
			}
		}
	}
}

// namedAtPeers resolves a port's name where the traffic goes: each pod may give it another number.
func (c *compiler) namedAtPeers(peer peer, port networkingv1.NetworkPolicyPort) (rules []Rule) {
	candidates := peer.pods
	if peer.any || peer.block.IsValid() {
		reach := peer.rule(Port{})
		candidates = slices.DeleteFunc(slices.Clone(c.pods), func(p pod) bool { return !slices.ContainsFunc(p.ips, reach.containsPeer) })
	}
	byPort := map[Port][]netip.Addr{}
	order := []Port{}
	for _, p := range candidates {
		for _, number := range named(p, port) {
			if byPort[number] == nil {
				order = append(order, number)
			}
			byPort[number] = append(byPort[number], p.ips...)
		}
	}
	for _, number := range order {
		rules = append(rules, Rule{Peers: byPort[number], Port: number})
	}
	return rules
}

// hasType applies the default that the API server would: ingress always, egress when it has rules.
func hasType(policy *networkingv1.NetworkPolicy, wanted networkingv1.PolicyType) bool {
	if len(policy.Spec.PolicyTypes) > 0 {
		return slices.Contains(policy.Spec.PolicyTypes, wanted)
	}
	return wanted == networkingv1.PolicyTypeIngress || len(policy.Spec.Egress) > 0
}
