package policy

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// selectPods gives the pods that match podSelector, in the namespaces that match namespaceSelector
// or, without one, in the policy's own. An empty selector matches everything; a missing podSelector
// does, too.
func (c *compiler) selectPods(podSelector, namespaceSelector *metav1.LabelSelector, own string) (result []pod) {
	podLabels, namespaceLabels := labels.Everything(), labels.Everything()
	for _, s := range []struct {
		from *metav1.LabelSelector
		to   *labels.Selector
	}{{podSelector, &podLabels}, {namespaceSelector, &namespaceLabels}} {
		if s.from == nil {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(s.from)
		if err != nil {
			return nil // the API server refuses such a policy
		}
		*s.to = selector
	}
	for _, p := range c.pods {
		inNamespace := p.Namespace == own
		if namespaceSelector != nil {
			set, known := c.namespaces[p.Namespace]
			inNamespace = known && namespaceLabels.Matches(set)
		}
		if inNamespace && podLabels.Matches(labels.Set(p.Labels)) {
			result = append(result, p)
		}
	}
	return result
}

// resolve gives the peers of one rule. An empty list is everybody.
func (c *compiler) resolve(list []networkingv1.NetworkPolicyPeer, own string) (peers []peer) {
	if len(list) == 0 {
		return []peer{{any: true}}
	}
	for _, from := range list {
		if from.IPBlock == nil {
			peers = append(peers, peer{pods: c.selectPods(from.PodSelector, from.NamespaceSelector, own)})
			continue
		}
		block, err := netip.ParsePrefix(from.IPBlock.CIDR)
		if err != nil || !block.Addr().Is4() {
			continue
		}
		p := peer{block: block.Masked()}
		for _, text := range from.IPBlock.Except {
			if except, err := netip.ParsePrefix(text); err == nil {
				p.except = append(p.except, except.Masked())
			}
		}
		peers = append(peers, p)
	}
	return peers
}

// rule allows traffic with the peer on a port.
func (p peer) rule(port Port) Rule {
	rule := Rule{Any: p.any, Block: p.block, Except: p.except, Port: port}
	for _, pod := range p.pods {
		rule.Peers = append(rule.Peers, pod.ips...)
	}
	slices.SortFunc(rule.Peers, netip.Addr.Compare)
	return rule
}

func protocolOf(port networkingv1.NetworkPolicyPort) corev1.Protocol {
	if port.Protocol == nil {
		return corev1.ProtocolTCP
	}
	return *port.Protocol
}

// numeric is a port, a range (endPort), or with neither every port of the protocol.
func numeric(port networkingv1.NetworkPolicyPort) Port {
	result := Port{Protocol: strings.ToLower(string(protocolOf(port)))}
	if port.Port != nil {
		result.From = uint16(port.Port.IntVal)
		result.To = result.From
	}
	if port.EndPort != nil {
		result.To = uint16(*port.EndPort)
	}
	return result
}

// named looks a port's name up in a pod's containers, init containers that stay (sidecars)
// included.
func named(p pod, port networkingv1.NetworkPolicyPort) (numbers []Port) {
	containers := slices.Clone(p.Spec.Containers)
	for _, container := range p.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, container)
		}
	}
	for _, container := range containers {
		for _, candidate := range container.Ports {
			protocol := candidate.Protocol
			if protocol == "" {
				protocol = corev1.ProtocolTCP
			}
			if candidate.Name == port.Port.StrVal && protocol == protocolOf(port) {
				number := Port{strings.ToLower(string(protocol)), uint16(candidate.ContainerPort), uint16(candidate.ContainerPort)}
				if !slices.Contains(numbers, number) {
					numbers = append(numbers, number)
				}
			}
		}
	}
	return numbers
}
