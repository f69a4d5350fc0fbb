package main

import (
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"drydock/node/internal/policy"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/knftables"
)

func ip(text string) netip.Addr       { return netip.MustParseAddr(text) }
func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

// everything is a ruleset with every kind of match.
var everything = policy.Ruleset{
	Ingress: []policy.Pod{{IP: ip("10.244.0.5"), Rules: []policy.Rule{
		{Any: true, Port: policy.Port{Protocol: "tcp", From: 80, To: 80}},
		{Peers: []netip.Addr{ip("10.244.0.6"), ip("10.244.1.7")}},
		{Block: prefix("10.0.0.0/8"), Except: []netip.Prefix{prefix("10.1.0.0/16"), prefix("10.2.0.0/16")}, Port: policy.Port{Protocol: "udp", From: 53, To: 55}},
		{Block: prefix("0.0.0.0/0"), Port: policy.Port{Protocol: "sctp"}},
	}}, {IP: ip("10.244.0.8")}},
	Egress: []policy.Pod{{IP: ip("10.244.0.5"), Rules: []policy.Rule{{Peers: []netip.Addr{ip("10.244.0.6"), ip("10.244.1.7")}, Port: policy.Port{Protocol: "sctp", From: 9, To: 9}}}}},
}

func nodes() []*corev1.Node {
	node := &corev1.Node{}
	node.Name, node.Spec.PodCIDRs = "node01", []string{"fd00::/64", "10.244.1.0/24"}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "node01"}, {Type: corev1.NodeInternalIP, Address: "192.168.7.2"}}
	return []*corev1.Node{node}
}

func render(ruleset policy.Ruleset) string {
	tx := knftables.NewFake(knftables.IPv4Family, tableName).NewTransaction()
	tx.Add(&knftables.Table{})
	masquerade(tx, []netip.Prefix{prefix("10.244.0.0/16")}, nodes())
	awaitServices(tx, prefix("10.96.0.0/12"))
	enforce(tx, ruleset)
	return tx.String()
}

func TestRulesSayWhatTheRulesetMeans(t *testing.T) {
	text := render(everything)
	for _, want := range []string{
		"leave ip saddr { 10.244.0.0/16 } ip daddr != { 10.244.0.0/16, 192.168.7.2 } masquerade",
		"add element ip drydock-net to-pod-pods { 10.244.0.5 : goto to-pod-10.244.0.5 }",
		"to-pod-10.244.0.5 ip saddr 10.244.0.5 accept",
		"to-pod-10.244.0.5 tcp dport 80 accept",
		"to-pod-10.244.0.5 ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 ip saddr != 10.2.0.0/16 udp dport 53-55 accept",
		"to-pod-10.244.0.5 meta l4proto sctp accept",
		"to-pod-10.244.0.8 drop",
		"no-service ip daddr 10.96.0.0/12 drop",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if sets := strings.Count(text, "add set"); sets != 1 {
		t.Errorf("%d sets for one group of peers", sets)
	}
}

func TestNoPolicyLeavesForwardedTrafficAlone(t *testing.T) {
	text := strings.ReplaceAll(render(policy.Ruleset{}), "no-service { type filter hook forward", "")
	if strings.Contains(text, "hook forward") {
		t.Error(text)
	}
}

func TestNftTakesTheRules(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil || os.Getuid() != 0 {
		t.Skip("needs nft and root")
	}
	check := exec.Command("nft", "--check", "--file", "-")
	check.Stdin = strings.NewReader(render(everything))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCNIConfigurationIsReplacedOnlyWhenItChanges(t *testing.T) {
	path := t.TempDir() + "/10-drydock.conflist"
	for i, content := range []string{"a", "a", "b"} {
		before, _ := os.Stat(path)
		if err := writeIfChanged(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		after, _ := os.Stat(path)
		if same := os.SameFile(before, after); same != (i == 1) {
			t.Errorf("write %d: same file is %v", i, same)
		}
	}
	if text := string(cniConfig(podCIDR(nodes()[0]), 1400)); !strings.Contains(text, `"subnet": "10.244.1.0/24"`) || !strings.Contains(text, `"mtu": 1400`) {
		t.Error(text)
	}
}
