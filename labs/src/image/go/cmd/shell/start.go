package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// encode makes one word of the spec, because systemd would expand $ and % in plain arguments.
func (s spec) encode() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeSpec(word string) (s spec, err error) {
	text, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// startInScope has systemd start the keeper as a unit of its own, so that it belongs neither to the
// exec that asked for it nor to its cgroup. What the shell leaves behind (nohup) lives on, and a
// program killed for its memory does not take the shell with it.
func startInScope(s spec) error {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The number keeps the unit's name free while one of the same name is still being collected.
	unit := fmt.Sprintf("drydock-shell-%s-%d", s.Name, os.Getpid())
	return exec.Command("systemd-run", "--quiet", "--collect", "--unit", unit, "--description", "Drydock shell "+s.Name,
		"-p", "KillMode=process", "-p", "OOMPolicy=continue", "-p", "SendSIGHUP=yes", self, "keep", s.encode()).Run()
}

// startDetached starts the keeper as a daemon of its own session, for a host without systemd.
func startDetached(s spec) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, "keep", s.encode())
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Dir = "/"
	if err := command.Start(); err != nil {
		return err
	}
	return command.Process.Release()
}

// lingerSeconds is how long a keeper waits, after its shell's end, for a client to take the rest.
// Only the tests shorten it.
func lingerSeconds() int {
	if n, err := strconv.Atoi(os.Getenv("DRYDOCK_SHELL_LINGER")); err == nil {
		return n
	}
	return 60
}
