package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"

	"drydock/node/internal/policy"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/knftables"
)

// firewall keeps the node's table of rules. Each change replaces the whole table in one
// transaction, so that no packet ever sees half of it.
type firewall struct {
	nft     knftables.Interface
	config  config
	applied string
}

// Names in the table must not be words of nft's language, as ingress and masquerade are.
const tableName = "drydock-net"

func newFirewall(config config) (*firewall, error) {
	nft, err := knftables.New(knftables.IPv4Family, tableName)
	return &firewall{nft: nft, config: config}, err
}

// apply brings the rules in line with the cluster. It does nothing when they are.
func (f *firewall) apply(ctx context.Context, nodes []*corev1.Node, cluster policy.Cluster) error {
	tx := f.nft.NewTransaction()
	tx.Add(&knftables.Table{}) // so that there is one to delete
	tx.Delete(&knftables.Table{})
	tx.Add(&knftables.Table{})
	masquerade(tx, f.config.podSubnets, nodes)
	awaitServices(tx, f.config.serviceSubnet)
	enforce(tx, policy.Compile(f.config.node, cluster))
	if text := tx.String(); text != f.applied {
		if err := f.nft.Run(ctx, tx); err != nil {
			return err
		}
		f.applied = text
	}
	return nil
}

// masquerade gives what pods send out of the cluster the node's address. Nodes have a route back to
// every pod.
func masquerade(tx *knftables.Transaction, podSubnets []netip.Prefix, nodes []*corev1.Node) {
	inside := []string{}
	for _, subnet := range podSubnets {
		inside = append(inside, subnet.String())
	}
	pods := strings.Join(inside, ", ")
	for _, node := range nodes {
		if address := nodeAddress(node); address.IsValid() {
			inside = append(inside, address.String())
		}
	}
	slices.Sort(inside)
	if pods == "" {
		return
	}
	tx.Add(baseChain("leave", knftables.NATType, knftables.PostroutingHook, knftables.SNATPriority))
	tx.Add(&knftables.Rule{Chain: "leave", Rule: fmt.Sprintf("ip saddr { %s } ip daddr != { %s } masquerade", pods, strings.Join(slices.Compact(inside), ", "))})
}

// awaitServices drops what still goes to a Service's address after kube-proxy has had its chance to
// translate it: there is no such Service, or kube-proxy has not heard of it yet. Let through, such
// a packet would make conntrack take the connection for one without translation, and the client's
// further tries would all be lost; dropped, the next one is looked at anew. The chain comes after
// kube-proxy's, which refuses Services without endpoints.
func awaitServices(tx *knftables.Transaction, serviceSubnet netip.Prefix) {
	if !serviceSubnet.IsValid() {
		return
	}
	tx.Add(baseChain("no-service", knftables.FilterType, knftables.ForwardHook, "filter + 10"))
	tx.Add(&knftables.Rule{Chain: "no-service", Rule: fmt.Sprintf("ip daddr %s drop", serviceSubnet)})
}

func baseChain(name string, kind knftables.BaseChainType, hook knftables.BaseChainHook, priority knftables.BaseChainPriority) *knftables.Chain {
	return &knftables.Chain{Name: name, Type: knftables.PtrTo(kind), Hook: knftables.PtrTo(hook), Priority: knftables.PtrTo(priority)}
}

// enforce adds the rules of the NetworkPolicies. The two directions are two base chains, because
// `accept` ends only the chain that it is in: what egress allows goes on to ingress. They see
// forwarded traffic, so the node itself reaches its own pods and they reach it, as the API demands;
// addresses there are the real ones, as Services were resolved before. What is established stays,
// also when a policy would now deny it.
func enforce(tx *knftables.Transaction, ruleset policy.Ruleset) {
	sets := map[string]bool{}
	for _, d := range []struct {
		name, subject, peer string
		priority            knftables.BaseChainPriority
		pods                []policy.Pod
	}{
		{"from-pod", "ip saddr", "ip daddr", "filter - 6", ruleset.Egress},
		{"to-pod", "ip daddr", "ip saddr", "filter - 5", ruleset.Ingress},
	} {
		if len(d.pods) == 0 {
			continue
		}
		tx.Add(baseChain(d.name, knftables.FilterType, knftables.ForwardHook, d.priority))
		tx.Add(&knftables.Map{Name: d.name + "-pods", Type: "ipv4_addr : verdict"})
		tx.Add(&knftables.Rule{Chain: d.name, Rule: "ct state established,related accept"})
		tx.Add(&knftables.Rule{Chain: d.name, Rule: fmt.Sprintf("%s vmap @%s-pods", d.subject, d.name)})
		for _, pod := range d.pods {
			chain := fmt.Sprintf("%s-%s", d.name, pod.IP)
			tx.Add(&knftables.Chain{Name: chain})
			tx.Add(&knftables.Element{Map: d.name + "-pods", Key: []string{pod.IP.String()}, Value: []string{"goto " + chain}})
			// A pod cannot be cut off from itself (by way of a Service).
			tx.Add(&knftables.Rule{Chain: chain, Rule: fmt.Sprintf("%s %s accept", d.peer, pod.IP)})
			for _, rule := range pod.Rules {
				tx.Add(&knftables.Rule{Chain: chain, Rule: peerMatch(tx, sets, d.peer, rule) + portMatch(rule.Port) + "accept"})
			}
			tx.Add(&knftables.Rule{Chain: chain, Rule: "drop"})
		}
	}
}

// peerMatch is the rule's condition on the peer. Pods are looked up in a set that equal rules
// share.
func peerMatch(tx *knftables.Transaction, sets map[string]bool, field string, rule policy.Rule) string {
	if rule.Any {
		return ""
	}
	if rule.Block.IsValid() {
		match := ""
		if rule.Block.Bits() > 0 {
			match = fmt.Sprintf("%s %s ", field, rule.Block)
		}
		for _, except := range rule.Except {
			match += fmt.Sprintf("%s != %s ", field, except)
		}
		return match
	}
	sum := fnv.New64a()
	for _, ip := range rule.Peers {
		_, _ = sum.Write(ip.AsSlice())
	}
	name := fmt.Sprintf("pods-%016x", sum.Sum64())
	if !sets[name] {
		sets[name] = true
		tx.Add(&knftables.Set{Name: name, Type: "ipv4_addr"})
		for _, ip := range rule.Peers {
			tx.Add(&knftables.Element{Set: name, Key: []string{ip.String()}})
		}
	}
	return fmt.Sprintf("%s @%s ", field, name)
}

func portMatch(port policy.Port) string {
	switch {
	case port.Protocol == "":
		return ""
	case port.From == 0:
		return fmt.Sprintf("meta l4proto %s ", port.Protocol)
	case port.From == port.To:
		return fmt.Sprintf("%s dport %d ", port.Protocol, port.From)
	}
	return fmt.Sprintf("%s dport %d-%d ", port.Protocol, port.From, port.To)
}
