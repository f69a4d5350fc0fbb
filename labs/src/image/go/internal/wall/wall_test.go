package wall

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWall shows of each way to a neighbour or the machine that it is one without the wall and none
// with it, and that what sandboxes need works with it.
func TestWall(t *testing.T) {
	w := newTopology(t)
	for host, addresses := range map[string][]string{
		"machine": {":22", "127.0.0.1:9000", "10.200.1.1:53", "10.200.2.1:53"}, "outside": {":53", ":80"},
		"a1": {":6443"}, "a2": {":8080"}, "b1": {":53", ":6443"}, "c1": {":80"},
	} {
		for _, address := range addresses {
			w.serve(host, address)
		}
	}
	tcp := func(host, source, address string) func() bool {
		return func() bool { return w.dial(host, source, address) == nil }
	}
	linkLocal := func() bool {
		var words []string
		w.on("machine", func() {
			words = strings.Fields(w.ip("-6", "-o", "addr", "show", "dev", "drydock-200-1", "scope", "link"))
		})
		return w.dial("a1", "", "["+strings.TrimSuffix(words[3], "/64")+"%eth0]:22") == nil
	}
	attacks := map[string]func() bool{
		"a neighbour":                                      tcp("a1", "", "10.200.2.10:6443"),
		"a neighbour by IPv6":                              tcp("a1", "", "[fd00:2::10]:6443"),
		"a neighbour's name server":                        tcp("a1", "", "10.200.2.1:53"),
		"a neighbour that has a name server, by IPv6":      tcp("a1", "", "[fd00:2::10]:53"),
		"the machine by its bridge":                        tcp("a1", "", "10.200.1.1:22"),
		"the machine by the neighbour's bridge":            tcp("a1", "", "10.200.2.1:22"),
		"the machine by its own address":                   tcp("a1", "", "198.51.100.1:22"),
		"the machine by IPv6":                              linkLocal,
		"the machine's loopback":                           tcp("a1", "", "127.0.0.1:9000"),
		"a published port of a neighbour on loopback":      tcp("a1", "", "127.0.0.1:43021"),
		"a published port of a neighbour on the machine":   tcp("a1", "", "198.51.100.1:8443"),
		"the metadata address":                             tcp("a1", "", "169.254.169.254:80"),
		"an address of pods that nobody has":               tcp("a1", "", "10.244.9.9:80"),
		"an address of sandboxes that nobody has":          tcp("a1", "", "10.200.77.10:80"),
		"a container of others":                            tcp("a1", "", "10.89.0.10:80"),
		"a sandbox from outside":                           tcp("outside", "", "10.200.1.10:6443"),
		"a sandbox from a container of others":             tcp("c1", "", "10.200.1.10:6443"),
		"a made-up connection with the machine":            w.madeUpConnection,
		"an answer in the name of a neighbour":             func() bool { return w.answerInTheNameOf("b1", "10.200.2.10", "10.200.2.1") },
		"an answer in the name of somebody outside":        func() bool { return w.answerInTheNameOf("outside", "198.51.100.2", "198.51.100.1") },
		"a datagram to the machine in a neighbour's name":  func() bool { return w.spoofed("machine", "10.200.1.1", "10.200.2.10") },
		"a datagram to the outside in a neighbour's name":  func() bool { return w.spoofed("outside", "198.51.100.2", "10.200.2.10") },
		"a datagram to the outside in the name of its pod": func() bool { return w.spoofed("outside", "198.51.100.2", "10.244.0.5") },
	}
	needs := map[string]func() bool{
		"the other host of the sandbox":          tcp("a1", "", "10.200.1.11:8080"),
		"a pod on the other host, from a pod":    tcp("a1", "10.244.0.5", "10.244.1.5:8080"),
		"a pod on the other host, from a host":   tcp("a1", "", "10.244.1.5:8080"),
		"the outside":                            tcp("a1", "", "198.51.100.2:80"),
		"a name server":                          tcp("a1", "", "10.200.1.1:53"),
		"a name server of a cloud":               tcp("a1", "", "169.254.169.254:53"),
		"a ping of the gateway":                  func() bool { return w.ping("a1", "10.200.1.1") },
		"a host from the machine":                tcp("machine", "", "10.200.1.10:6443"),
		"a published port from the machine":      tcp("machine", "", "127.0.0.1:43021"),
		"a published port from outside":          tcp("outside", "", "198.51.100.1:8443"),
		"the machine from a container of others": tcp("c1", "", "10.89.0.1:22"),
	}

	for name, works := range needs {
		if !works() {
			t.Errorf("%s cannot be reached, even without the wall", name)
		}
	}
	for name, reaches := range attacks {
		if !reaches() {
			t.Errorf("%s: no way there without the wall, so that the test proves nothing", name)
		}
	}
	w.on("machine", func() {
		if err := Ensure(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	for name, reaches := range attacks {
		if reaches() {
			t.Errorf("%s: still reached", name)
		}
	}
	for name, works := range needs {
		if !works() {
			t.Errorf("%s cannot be reached any more", name)
		}
	}
	if err := w.dial("a1", "", "10.244.9.9:80"); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("an address that nobody has is not refused at once: %v", err)
	}
}

// madeUpConnection: a2 takes part in the name of the machine, by frames between a1 and a2 alone, so
// that what a1 sends next seems to belong to a connection that the machine knows.
func (w *topology) madeUpConnection() bool {
	service := w.socket("machine", "0.0.0.0:6000")
	accomplice := w.socket("a2", "10.200.1.1:6000")
	attacker := w.socket("a1", "10.200.1.10:0")
	defer func() { service.Close(); accomplice.Close(); attacker.Close() }()
	w.on("a2", func() { w.addresses("lo", "10.200.1.1/32") })
	defer w.on("a2", func() { w.ip("addr", "del", "10.200.1.1/32", "dev", "lo") })
	var gateway, other string
	w.on("machine", func() { gateway = w.hardwareAddress("drydock-200-1") })
	w.on("a2", func() { other = w.hardwareAddress("eth0") })
	pretend := func(address string) {
		w.on("a1", func() { w.ip("neigh", "replace", "10.200.1.1", "lladdr", address, "dev", "eth0", "nud", "permanent") })
	}
	pretend(other)
	defer w.on("a1", func() { w.ip("neigh", "del", "10.200.1.1", "dev", "eth0") })
	if sent(attacker, "10.200.1.1:6000", accomplice) {
		sent(accomplice, attacker.LocalAddr().String(), attacker)
	}
	pretend(gateway)
	return sent(attacker, "10.200.1.1:6000", service)
}

// answerInTheNameOf: the machine has asked somebody something, and a1 answers in their name.
func (w *topology) answerInTheNameOf(host, address, machine string) bool {
	asked := w.socket(host, address+":7000")
	asking := w.socket("machine", machine+":0")
	attacker := w.socket("a1", address+":7000")
	defer func() { asked.Close(); asking.Close(); attacker.Close() }()
	return sent(asking, address+":7000", asked) && sent(attacker, asking.LocalAddr().String(), asking)
}

// spoofed: a1 sends a datagram with the source address of another.
func (w *topology) spoofed(host, address, source string) bool {
	target := w.socket(host, address+":7001")
	attacker := w.socket("a1", source+":0")
	defer func() { target.Close(); attacker.Close() }()
	return sent(attacker, address+":7001", target)
}

func (w *topology) hardwareAddress(link string) string {
	words := strings.Fields(w.ip("-o", "link", "show", "dev", link))
	for i, word := range words {
		if word == "link/ether" {
			return words[i+1]
		}
	}
	w.t.Fatal(words)
	return ""
}

// ping sends an ICMP echo request and waits for the reply.
func (w *topology) ping(host, address string) (answered bool) {
	w.on(host, func() {
		conn, err := net.Dial("ip4:icmp", address)
		if err != nil {
			w.t.Error(err)
			return
		}
		defer conn.Close()
		w.pings++
		// Type 8, code 0, checksum, identifier, number 0 (RFC 792).
		_, _ = conn.Write([]byte{8, 0, 0xf7, 0xff - w.pings, 0, w.pings, 0, 0})
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		reply := make([]byte, 64)
		n, _, err := conn.(*net.IPConn).ReadFrom(reply)
		answered = err == nil && n == 8 && reply[0] == 0
	})
	return answered
}

func TestTheWallIsCheckedMendedAndRemoved(t *testing.T) {
	w := newTopology(t)
	ctx := context.Background()
	w.on("machine", func() {
		expect := func(what string, found, wanted error) {
			t.Helper()
			if !errors.Is(found, wanted) {
				t.Fatalf("%s: %v, expected %v", what, found, wanted)
			}
		}
		expect("no wall", Check(ctx), ErrMissing)
		expect("it could be put up", Probe(ctx), nil)
		expect("which does not put it up", Check(ctx), ErrMissing)
		expect("put up", Ensure(ctx), nil)
		expect("up", Check(ctx), nil)
		for _, change := range []string{
			"add rule inet drydock enter accept", "insert rule inet drydock leave accept", "flush chain inet drydock machine",
			`delete element inet drydock own { "drydock-200-7" . "drydock-200-7" }`, "add table inet drydock { flags dormant; }",
			`add element inet drydock own { "drydock-200-1" . "drydock-200-2" }`,
		} {
			if out, err := exec.Command("nft", change).CombinedOutput(); err != nil {
				t.Fatalf("nft %s: %v: %s", change, err, out)
			}
			expect(change, Check(ctx), ErrAltered)
			expect("mended", Ensure(ctx), nil)
			expect("up again", Check(ctx), nil)
		}
		expect("removed", Remove(ctx), nil)
		expect("nothing left to remove", Remove(ctx), ErrMissing)
		expect("gone", Check(ctx), ErrMissing)
	})
	t.Setenv("PATH", t.TempDir())
	if err := Ensure(ctx); !errors.Is(err, ErrNoNft) {
		t.Errorf("without nft: %v", err)
	}
}
