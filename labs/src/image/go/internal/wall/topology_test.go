package wall

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A machine with two sandboxes, another container and a way to the outside, each host a network
// namespace:
//
//	outside 198.51.100.2 ─ uplink ─ machine ─┬ drydock-200-1 ─ a1 10.200.1.10, a2 10.200.1.11 (pods 10.244.0.5, 10.244.1.5)
//	                                         ├ drydock-200-2 ─ b1 10.200.2.10
//	                                         └ podman7 ─ c1 10.89.0.10
type topology struct {
	t     *testing.T
	pings byte
}

const patience = 500 * time.Millisecond

func newTopology(t *testing.T) *topology {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	for _, program := range []string{"nft", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s", program)
		}
	}
	w := &topology{t: t}
	for _, host := range []string{"machine", "outside", "a1", "a2", "b1", "c1"} {
		w.ip("netns", "add", w.namespace(host))
		t.Cleanup(func() { w.ip("netns", "del", w.namespace(host)) })
		w.on(host, func() {
			w.ip("link", "set", "lo", "up")
			w.set("net/ipv6/conf/default/accept_dad=0", "net/ipv4/conf/default/rp_filter=0", "net/ipv4/conf/all/rp_filter=0")
		})
	}
	w.connect("machine", "uplink", "outside", "eth0")
	w.on("machine", func() {
		w.ip("addr", "add", "198.51.100.1/24", "dev", "uplink")
		w.ip("route", "add", "default", "via", "198.51.100.2")
		w.set("net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1", "net/bridge/bridge-nf-call-iptables=1")
	})
	w.on("outside", func() {
		w.addresses("eth0", "198.51.100.2/24")
		// What a packet finds that leaves the machine.
		w.addresses("lo", "169.254.169.254/32", "10.244.9.9/32", "10.200.77.10/32")
		w.ip("route", "add", "10.200.0.0/15", "via", "198.51.100.1")
	})
	w.bridge("drydock-200-1", "10.200.1", "fd00:1::", "a1", "a2")
	w.bridge("drydock-200-2", "10.200.2", "fd00:2::", "b1")
	w.bridge("podman7", "10.89.0", "fd00:7::", "c1")
	w.on("a1", func() {
		w.addresses("lo", "10.244.0.5/32")
		w.ip("route", "add", "10.244.1.0/24", "via", "10.200.1.11")
		// Root of a sandbox gives loopback addresses a way out.
		w.set("net/ipv4/conf/eth0/route_localnet=1")
		w.ip("addr", "del", "127.0.0.1/8", "dev", "lo")
		w.ip("route", "add", "127.0.0.1", "via", "10.200.1.1", "src", "10.200.1.10")
	})
	w.on("a2", func() {
		w.addresses("lo", "10.244.1.5/32")
		w.ip("route", "add", "10.244.0.0/24", "via", "10.200.1.10")
	})
	w.publish()
	return w
}

// publish translates as engines do, which give what leaves a network's range the machine's address:
// 127.0.0.1:43021 of the machine and 198.51.100.1:8443 are port 6443 of b1.
func (w *topology) publish() {
	const rules = `table ip nat {
		chain translate {
			tcp dport 43021 ip daddr 127.0.0.1 dnat to 10.200.2.10:6443
			tcp dport 8443 ip daddr 198.51.100.1 dnat to 10.200.2.10:6443
		}
		chain pre {
			type nat hook prerouting priority -100;
			jump translate
		}
		chain out {
			type nat hook output priority -100;
			jump translate
		}
		chain post {
			type nat hook postrouting priority 100;
			ip saddr 127.0.0.1 oifname "drydock-*" masquerade
			ip saddr 10.200.1.0/24 ip daddr != 10.200.1.0/24 masquerade
			ip saddr 10.200.2.0/24 ip daddr != 10.200.2.0/24 masquerade
		}
	}`
	w.on("machine", func() {
		command := exec.Command("nft", "-f", "-")
		command.Stdin = strings.NewReader(rules)
		if out, err := command.CombinedOutput(); err != nil {
			w.t.Fatalf("nft: %v: %s", err, out)
		}
	})
}

func (w *topology) bridge(name, network, network6 string, hosts ...string) {
	w.on("machine", func() {
		w.ip("link", "add", name, "type", "bridge")
		w.addresses(name, network+".1/24", network6+"1/64")
		w.ip("link", "set", name, "up")
		w.set("net/ipv4/conf/" + name + "/route_localnet=1")
	})
	for i, host := range hosts {
		w.connect("machine", "to-"+host, host, "eth0")
		w.on("machine", func() { w.ip("link", "set", "to-"+host, "master", name) })
		w.on(host, func() {
			w.addresses("eth0", fmt.Sprintf("%s.%d/24", network, 10+i), fmt.Sprintf("%s%d/64", network6, 10+i))
			w.ip("route", "add", "default", "via", network+".1")
			w.ip("-6", "route", "add", "default", "via", network6+"1")
		})
	}
}

func (w *topology) connect(host, link, peer, peerLink string) {
	w.ip("link", "add", link, "netns", w.namespace(host), "type", "veth", "peer", "name", peerLink, "netns", w.namespace(peer))
	w.on(host, func() { w.ip("link", "set", link, "up") })
	w.on(peer, func() { w.ip("link", "set", peerLink, "up") })
}

func (w *topology) addresses(link string, addresses ...string) {
	for _, address := range addresses {
		w.ip("addr", "add", address, "dev", link)
	}
}

func (w *topology) namespace(host string) string { return fmt.Sprintf("wall-%d-%s", os.Getpid(), host) }

// on runs work on a host. Sockets that it opens stay there.
func (w *topology) on(host string, work func()) {
	w.t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread ends with this goroutine.
		runtime.LockOSThread()
		file, err := os.Open(filepath.Join("/run/netns", w.namespace(host)))
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			file.Close()
		}
		if err != nil {
			w.t.Errorf("%s: %v", host, err)
			return
		}
		work()
	}()
	<-done
}

func (w *topology) ip(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		w.t.Errorf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (w *topology) set(settings ...string) {
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		// Where the kernel has no br_netfilter, frames between the hosts of a sandbox pass no rule.
		if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0o644); err != nil && !strings.HasPrefix(name, "net/bridge/") {
			w.t.Error(err)
		}
	}
}

// serve accepts connections on a host.
func (w *topology) serve(host, address string) {
	w.on(host, func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		}()
	})
}

// socket opens a UDP socket on a host, with an address that may be another's.
func (w *topology) socket(host, address string) *net.UDPConn {
	var socket *net.UDPConn
	w.on(host, func() {
		config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
			return raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_TRANSPARENT, 1) })
		}}
		conn, err := config.ListenPacket(context.Background(), "udp4", address)
		if err != nil {
			w.t.Fatal(err)
		}
		socket = conn.(*net.UDPConn)
	})
	w.t.Cleanup(func() { socket.Close() })
	return socket
}

// dial connects by TCP from a host; source may be empty.
func (w *topology) dial(host, source, address string) (err error) {
	w.on(host, func() {
		dialer := net.Dialer{Timeout: patience}
		if source != "" {
			dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(source)}
		}
		var conn net.Conn
		if conn, err = dialer.Dial("tcp", address); err == nil {
			conn.Close()
		}
	})
	return err
}

func udp(address string) *net.UDPAddr {
	addr, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		panic(err)
	}
	return addr
}

// sent sends a datagram and tells whether one came to another socket.
func sent(from *net.UDPConn, to string, at *net.UDPConn) bool {
	if _, err := from.WriteTo([]byte("x"), udp(to)); err != nil {
		return false
	}
	_ = at.SetReadDeadline(time.Now().Add(patience))
	_, _, err := at.ReadFrom(make([]byte, 1))
	return err == nil
}
