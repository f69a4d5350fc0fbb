package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
)

const (
	cniConfigPath = "/etc/cni/net.d/10-drydock.conflist"
	// routeProtocol marks the routes that are the agent's own, so that it removes those of nodes that
	// are gone and no others.
	routeProtocol = 142
)

func enableForwarding() error {
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1\n"), 0o644)
}

// network is the node's CNI configuration and its routes.
type network struct{ config config }

// apply brings the CNI configuration and the routes in line with the nodes.
func (n *network) apply(nodes []*corev1.Node) error {
	wanted := map[netip.Prefix]netip.Addr{}
	for _, subnet := range n.config.podSubnets {
		wanted[subnet] = nowhere
	}
	var own netip.Prefix
	for _, node := range nodes {
		podCIDR, address := podCIDR(node), nodeAddress(node)
		switch {
		case node.Name == n.config.node:
			own = podCIDR
		case podCIDR.IsValid() && address.IsValid():
			wanted[podCIDR] = address
		}
	}
	err := replaceRoutes(wanted)
	if !own.IsValid() {
		return errors.Join(err, fmt.Errorf("node %s has no pod CIDR yet", n.config.node))
	}
	return errors.Join(err, writeIfChanged(cniConfigPath, cniConfig(own, mtu())))
}

func podCIDR(node *corev1.Node) netip.Prefix {
	for _, text := range node.Spec.PodCIDRs {
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
			return prefix
		}
	}
	return netip.Prefix{}
}

func nodeAddress(node *corev1.Node) netip.Addr {
	for _, a := range node.Status.Addresses {
		if ip, err := netip.ParseAddr(a.Address); a.Type == corev1.NodeInternalIP && err == nil && ip.Is4() {
			return ip
		}
	}
	return netip.Addr{}
}

// nowhere, as the gateway of a range, makes its addresses unreachable: those that no pod has would
// leave the cluster by the default route otherwise.
var nowhere netip.Addr

// replaceRoutes makes the agent's routes be the wanted ones.
func replaceRoutes(wanted map[netip.Prefix]netip.Addr) (err error) {
	filter := &netlink.Route{Protocol: routeProtocol}
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_V4, filter, netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return err
	}
	right := map[netip.Prefix]bool{}
	for _, route := range routes {
		prefix, _ := netip.ParsePrefix(route.Dst.String())
		gateway, _ := netip.AddrFromSlice(route.Gw.To4())
		if now, known := wanted[prefix]; known && now == gateway {
			right[prefix] = true
		} else if !known {
			err = errors.Join(err, netlink.RouteDel(&route))
		}
	}
	for prefix, gateway := range wanted {
		if right[prefix] {
			continue
		}
		destination := &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), 32)}
		route := &netlink.Route{Dst: destination, Gw: gateway.AsSlice(), Protocol: routeProtocol, Scope: unix.RT_SCOPE_UNIVERSE}
		if gateway == nowhere {
			route.Type = unix.RTN_UNREACHABLE
		}
		if e := netlink.RouteReplace(route); e != nil {
			err = errors.Join(err, fmt.Errorf("route to %v by %v: %w", prefix, gateway, e))
		}
	}
	return err
}

// mtu is that of the interface with the default route.
func mtu() int {
	const ethernet = 1500
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return ethernet
	}
	for _, route := range routes {
		if route.Dst != nil && !route.Dst.IP.IsUnspecified() {
			continue
		}
		if link, err := netlink.LinkByIndex(route.LinkIndex); err == nil {
			return link.Attrs().MTU
		}
	}
	return ethernet
}

// cniConfig is the configuration of the reference plugins. Addresses are remembered in /run: after
// a restart of the node every pod is made anew.
func cniConfig(podCIDR netip.Prefix, mtu int) []byte {
	type object = map[string]any
	text, err := json.MarshalIndent(object{
		"cniVersion": "1.0.0",
		"name":       "drydock",
		"plugins": []object{
			{"type": "ptp", "ipMasq": false, "mtu": mtu, "ipam": object{
				"type": "host-local", "dataDir": "/run/cni-ipam-state",
				"routes": []object{{"dst": "0.0.0.0/0"}},
				"ranges": [][]object{{{"subnet": podCIDR.String()}}},
			}},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
			{"type": "drydock-gate"},
		},
	}, "", "  ")
	if err != nil {
		panic(err) // strings and numbers only
	}
	return append(text, '\n')
}

// writeIfChanged replaces a file at once, so that nobody reads half of it.
func writeIfChanged(path string, content []byte) error {
	if now, err := os.ReadFile(path); err == nil && bytes.Equal(now, content) {
		return nil
	}
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
