// Package gate is what the CNI plugin drydock-gate and the node network agent say to each other:
// before a pod's first program starts, the agent has its address in the rules. Without that a pod
// would be free of every policy until the API server learns its address, a second or two later.
package gate

import (
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

const (
	// SocketPath is where the agent listens, on the host and in the agent's container alike.
	SocketPath = "/run/drydock-net/gate.sock"
	// Patience is how long the plugin waits at most. A pod that the agent cannot take in so fast
	// starts all the same.
	Patience = 3 * time.Second
	// BootPatience is how long it waits for the first agent since the node was booted, without which
	// pods have no rules and no way to Services.
	BootPatience = 30 * time.Second
)

// beganName is a file beside the socket that the agent leaves once it has been there. It lies in
// /run, so a boot forgets it.
const beganName = "began"

// Newcomer is a pod that has just got its address.
type Newcomer struct {
	Namespace string     `json:"namespace"`
	Name      string     `json:"name"`
	IP        netip.Addr `json:"ip"`
}

// Began notes that an agent has been here.
func Began(socketPath string) error {
	return os.WriteFile(filepath.Join(filepath.Dir(socketPath), beganName), nil, 0o600)
}

// AwaitFirst returns when an agent has been here since the node was booted, or after patience.
func AwaitFirst(socketPath string, patience time.Duration) {
	path := filepath.Join(filepath.Dir(socketPath), beganName)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
}

// Announce tells the agent of a newcomer and returns when it has been taken in. An agent that is
// not there is an error at once.
func Announce(socketPath string, newcomer Newcomer) error {
	conn, err := net.Dial("unix", socketPath)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(Patience)); err != nil {
		return err
	}
	if err := json.NewEncoder(conn).Encode(newcomer); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

// Serve answers announcements until the listener is closed: it calls take for each and answers when
// take returns.
func Serve(listener net.Listener, take func(Newcomer)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(Patience))
			var newcomer Newcomer
			if json.NewDecoder(conn).Decode(&newcomer) == nil {
				take(newcomer)
				_, _ = conn.Write([]byte{'\n'})
			}
		}()
	}
}
