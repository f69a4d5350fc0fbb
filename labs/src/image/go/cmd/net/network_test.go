package main

import (
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// inNewNamespace runs a test in a network namespace of its own.
func inNewNamespace(t *testing.T, test func(t *testing.T)) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread ends with this goroutine.
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		test(t)
	}()
	<-done
}

func ipCommand(t *testing.T, line string) string {
	out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput()
	if err != nil {
		t.Errorf("ip %s: %v: %s", line, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestRoutesFollowTheNodesAndUnassignedAddressesLeadNowhere(t *testing.T) {
	inNewNamespace(t, func(t *testing.T) {
		ipCommand(t, "link add eth0 type bridge")
		ipCommand(t, "addr add 192.168.7.1/24 dev eth0")
		ipCommand(t, "link set eth0 up")
		ipCommand(t, "route add default via 192.168.7.254")
		for _, step := range []struct {
			wanted map[netip.Prefix]netip.Addr
			routes []string
		}{
			{map[netip.Prefix]netip.Addr{prefix("10.244.0.0/16"): nowhere, prefix("10.244.1.0/24"): ip("192.168.7.2")},
				[]string{"unreachable 10.244.0.0/16", "10.244.1.0/24 via 192.168.7.2 dev eth0"}},
			{map[netip.Prefix]netip.Addr{prefix("10.244.0.0/16"): nowhere, prefix("10.244.1.0/24"): ip("192.168.7.3")},
				[]string{"unreachable 10.244.0.0/16", "10.244.1.0/24 via 192.168.7.3 dev eth0"}},
			{map[netip.Prefix]netip.Addr{prefix("10.244.0.0/16"): nowhere}, []string{"unreachable 10.244.0.0/16"}},
			{map[netip.Prefix]netip.Addr{prefix("10.244.0.0/16"): ip("192.168.7.2")}, []string{"10.244.0.0/16 via 192.168.7.2 dev eth0"}},
			{map[netip.Prefix]netip.Addr{}, nil},
		} {
			// Twice: what is right already stays.
			for range 2 {
				if err := replaceRoutes(step.wanted); err != nil {
					t.Fatal(err)
				}
			}
			var found []string
			for line := range strings.Lines(ipCommand(t, "route show proto 142")) {
				found = append(found, strings.TrimSpace(line))
			}
			if strings.Join(found, "\n") != strings.Join(step.routes, "\n") {
				t.Errorf("found %q, expected %q", found, step.routes)
			}
		}
	})
}
