package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
	godbus "github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// unit as `systemctl show` names it.
type unit struct {
	Load    string `json:"load"`
	Active  string `json:"active"`
	Sub     string `json:"sub"`
	Enabled string `json:"enabled"`
}

// unitLimit: systemd answers within milliseconds, or is not at work.
const unitLimit = 10 * time.Second

// socketFile is the first file that exec.Cmd hands on beside the standard ones.
const socketFile = "/proc/self/fd/3"

// unitState asks the node's systemd over its private socket. systemd refuses a peer whose process
// it cannot see, so a process of this program asks from within the node's process namespace; it
// runs nothing of the node's.
func (n node) unitState(ctx context.Context, name string) (unit, error) {
	ctx, cancel := context.WithTimeout(ctx, unitLimit)
	defer cancel()
	socket, err := n.open("/run/systemd/private", unix.O_PATH)
	if err != nil {
		return unit{}, err
	}
	defer socket.Close()
	if err := n.ownsSocket(socket); err != nil {
		return unit{}, err
	}
	command := exec.CommandContext(ctx, "/proc/self/exe", "unit", name)
	command.ExtraFiles = []*os.File{socket}
	var output, said strings.Builder
	command.Stdout, command.Stderr = &output, &said
	if err := n.startInside(command); err != nil {
		return unit{}, err
	}
	if err := command.Wait(); err != nil {
		return unit{}, fmt.Errorf("asking systemd: %w: %s", err, strings.TrimSpace(said.String()))
	}
	var state unit
	return state, json.Unmarshal([]byte(output.String()), &state)
}

// ownsSocket makes sure that it is the node's first process that listens there.
func (n node) ownsSocket(socket *os.File) error {
	connection, err := net.Dial("unix", fmt.Sprintf("/proc/self/fd/%d", socket.Fd()))
	if err != nil {
		return err
	}
	defer connection.Close()
	raw, err := connection.(*net.UnixConn).SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var asked error
	err = raw.Control(func(fd uintptr) { peer, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, asked); err == nil && int(peer.Pid) != n.PID {
		err = errors.New("the socket of systemd is another process's")
	}
	return err
}

// startInside starts a program as a process of the node: a thread's children are born in the
// namespace that it has entered (setns(2)).
func (n node) startInside(command *exec.Cmd) error {
	inside, err := os.Open(n.proc("ns/pid"))
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	defer inside.Close()
	own, err := os.Open("/proc/self/ns/pid")
	if err != nil {
		return err
	}
	defer own.Close()
	runtime.LockOSThread()
	if err := unix.Setns(int(inside.Fd()), unix.CLONE_NEWPID); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("entering the processes of the node: %w", err)
	}
	err = command.Start()
	// A thread that cannot come back stays locked, and ends with its goroutine.
	if unix.Setns(int(own.Fd()), unix.CLONE_NEWPID) == nil {
		runtime.UnlockOSThread()
	}
	return err
}

// askSystemd asks over the socket that unitState hands on.
func askSystemd(name string) (unit, error) {
	ctx, cancel := context.WithTimeout(context.Background(), unitLimit)
	defer cancel()
	systemd, err := dbus.NewConnection(func() (*godbus.Conn, error) {
		bus, err := godbus.Dial("unix:path="+socketFile, godbus.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		// There is no bus behind this socket to say Hello to.
		return bus, bus.Auth([]godbus.Auth{godbus.AuthExternal(fmt.Sprint(os.Getuid()))})
	})
	if err != nil {
		return unit{}, err
	}
	defer systemd.Close()
	properties, err := systemd.GetUnitPropertiesContext(ctx, name)
	if err != nil {
		return unit{}, err
	}
	text := func(key string) string { value, _ := properties[key].(string); return value }
	return unit{Load: text("LoadState"), Active: text("ActiveState"), Sub: text("SubState"), Enabled: text("UnitFileState")}, nil
}
