// Package policy turns NetworkPolicy objects into a ruleset for the pods of one node: which of them
// are isolated in which direction, and what is allowed to them all the same. It knows nothing of
// nftables or of the API server, so that its tests need neither.
package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Ruleset holds the isolated pods of a node. A pod that is not listed in a direction is not
// isolated in it.
type Ruleset struct {
	Ingress []Pod
	Egress  []Pod
}

// Pod is an isolated pod's address with all that is allowed to it; anything else is denied.
type Pod struct {
	IP    netip.Addr
	Rules []Rule
}

// Rule allows traffic with some peers on some ports. Exactly one of Any, Peers and Block says which
// peers.
type Rule struct {
	Any    bool
	Peers  []netip.Addr // sorted
	Block  netip.Prefix
	Except []netip.Prefix
	Port   Port
}

// Port is a range of destination ports. Without a protocol it is every port of every protocol; with
// From 0 it is every port of the protocol.
type Port struct {
	Protocol string // tcp, udp, sctp
	From, To uint16
}

func (p Port) contains(protocol string, port uint16) bool {
	return p.Protocol == "" || p.Protocol == protocol && (p.From == 0 || p.From <= port && port <= p.To)
}

func (r Rule) containsPeer(ip netip.Addr) bool {
	if r.Any {
		return true
	}
	if r.Block.IsValid() {
		return r.Block.Contains(ip) && !slices.ContainsFunc(r.Except, func(e netip.Prefix) bool { return e.Contains(ip) })
	}
	return slices.Contains(r.Peers, ip)
}

func allows(pods []Pod, subject, peer netip.Addr, protocol string, port uint16) bool {
	for _, pod := range pods {
		if pod.IP == subject {
			return slices.ContainsFunc(pod.Rules, func(r Rule) bool { return r.containsPeer(peer) && r.Port.contains(protocol, port) })
		}
	}
	return true
}

// Allows says whether a new connection from source to a destination port passes. It is the meaning
// that the nftables rules must have.
func (r Ruleset) Allows(source, destination netip.Addr, protocol string, port uint16) bool {
	if source == destination {
		return true // a pod cannot be cut off from itself
	}
	return allows(r.Egress, source, destination, protocol, port) && allows(r.Ingress, destination, source, protocol, port)
}

// add appends a rule that is not there yet.
func (p *Pod) add(rule Rule) {
	if !rule.Any && !rule.Block.IsValid() && len(rule.Peers) == 0 {
		return // selects nobody
	}
	key := rule.key()
	if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.key() == key }) {
		p.Rules = append(p.Rules, rule)
	}
}

func (r Rule) key() string {
	var b strings.Builder
	fmt.Fprint(&b, r.Any, r.Peers, r.Block, r.Except, r.Port)
	return b.String()
}
