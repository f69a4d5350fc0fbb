package wall

import (
	_ "embed"
	"fmt"
	"net/netip"
	"strings"
)

const tableName = "drydock"

// What sandboxes are told by; labs/src/sandbox/subnets.ts gives a network its range and its bridge
// the name that goes with it.
var (
	// sandboxes is the range of which each sandbox's network has 256 addresses.
	sandboxes = netip.MustParsePrefix("10.200.0.0/15")
	// clusterRanges are the addresses of pods and Services (labs/src/sandbox/kind-config.ts): they
	// mean something only inside.
	clusterRanges = []netip.Prefix{netip.MustParsePrefix("10.244.0.0/16"), netip.MustParsePrefix("10.96.0.0/12")}
)

// bridgeName is the name of the bridge of the sandbox's network that begins with this address.
func bridgeName(network netip.Addr) string {
	bytes := network.As4()
	return fmt.Sprintf("drydock-%d-%d", bytes[1], bytes[2])
}

//go:embed ruleset.nft
var template string

// ruleset is the wall as text for nft(8).
func ruleset() string {
	pairs := []string{}
	for network := sandboxes.Addr(); sandboxes.Contains(network); network = nextNetwork(network) {
		name := bridgeName(network)
		pairs = append(pairs, fmt.Sprintf("%q . %q", name, name))
	}
	inside := []string{}
	for _, prefix := range clusterRanges {
		inside = append(inside, prefix.String())
	}
	return strings.NewReplacer(
		"%own%", strings.Join(pairs, ", "),
		"%inside%", strings.Join(inside, ", "),
		"%ranges%", strings.Join(append(inside, sandboxes.String()), ", "),
	).Replace(template)
}

func nextNetwork(network netip.Addr) netip.Addr {
	bytes := network.As4()
	if bytes[2]++; bytes[2] == 0 {
		bytes[1]++
	}
	return netip.AddrFrom4(bytes)
}
