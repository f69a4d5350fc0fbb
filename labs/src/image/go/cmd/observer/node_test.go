package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
)

// A pretended node: this very program in a root, with processes and a network of its own, where it
// serves HTTP on 127.0.0.1:8080.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "pretended-node" {
		servePretended()
		return
	}
	// snapshot.go starts the program anew for a database.
	if len(os.Args) > 1 && os.Args[1] == "snapshot" {
		if err := run(os.Args[1:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

func servePretended() {
	loopback, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(loopback)
	}
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "node %s %s", r.Host, r.Header.Get("X-Colour"))
	})))
}

type pretended struct {
	node
	root string
}

func startNode(t *testing.T) pretended {
	t.Helper()
	root := t.TempDir()
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "pretender"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/pretender", "pretended-node")
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		Pdeathsig:  syscall.SIGKILL,
	}
	command.Dir = "/"
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the pretended node said %q, %v", line, err)
	}
	return pretended{node{command.Process.Pid, containerOf(t, command.Process.Pid)}, root}
}

// containerOf makes up an id of a container that is in the process' control groups, as those of
// engines are.
func containerOf(t *testing.T, pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil || len(text) < 12 {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))[:12]
}

func TestAProcessThatIsNotTheContainersIsNoNode(t *testing.T) {
	child := startNode(t)
	if err := child.check(); err != nil {
		t.Error(err)
	}
	other := node{child.PID, "ffffffffffffffffffffffff"}
	if err := other.check(); !errors.Is(err, errGone) {
		t.Errorf("another container's: %v", err)
	}
	if err := (node{PID: 1 << 30, Container: child.Container}).check(); !errors.Is(err, errGone) {
		t.Errorf("no process: %v", err)
	}
}

func TestProcessesAreThoseOfTheNode(t *testing.T) {
	child := startNode(t)
	outside := exec.Command(filepath.Join(child.root, "pretender"), "-test.run", "^$")
	if err := outside.Run(); err != nil {
		t.Fatal(err)
	}
	found, err := child.processesNamed("pretender")
	if err != nil || len(found) != 1 || found[0].PID != 1 || found[0].AgeMs < -10 || found[0].AgeMs > 60_000 {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := child.processesNamed("observer.test"); err != nil || len(found) != 0 {
		t.Errorf("processes of the machine count as the node's: %+v, %v", found, err)
	}
}

func TestProcessesAreFoundByTheFirstLettersOfTheirProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "a name) longer than the kernel's")
	sleep, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, sleep, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	found, err := itself.processesNamed(filepath.Base(program))
	if err != nil || len(found) != 1 || found[0].PID != command.Process.Pid {
		t.Errorf("%+v, %v", found, err)
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	if found, err := itself.processesNamed(filepath.Base(program)); err != nil || len(found) != 0 {
		t.Errorf("afterwards: %+v, %v", found, err)
	}
}
