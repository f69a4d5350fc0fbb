package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

type connected struct {
	Connected bool   `json:"connected"`
	Error     string `json:"error,omitempty"`
}

// connect tries a TCP connection to an address out of the network of a container, by the container's id.
func connect(container, address string, timeout time.Duration) (connected, error) {
	if len(container) < 8 {
		return connected{}, errUsage
	}
	if timeout <= 0 {
		timeout = 2 * time.Second
	}
	namespace, err := networkOf(container)
	if err != nil {
		return connected{}, err
	}
	// The thread that changes its network is not used for anything else; the dialer opens the socket of a literal address in the caller's thread.
	runtime.LockOSThread()
	file, err := os.Open(namespace)
	if err != nil {
		return connected{}, err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return connected{}, fmt.Errorf("entering the network of %s: %w", container, err)
	}
	connection, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return connected{Error: reason(err)}, nil
	}
	connection.Close()
	return connected{Connected: true}, nil
}

// networkOf finds the network of a container.
func networkOf(container string) (string, error) {
	processes, err := processesIn(container)
	if err != nil {
		return "", err
	}
	if len(processes) == 0 {
		return "", fmt.Errorf("no process of container %s was found", container)
	}
	return filepath.Join(processes[0], "ns/net"), nil
}
