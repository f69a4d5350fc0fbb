package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	outOfTime = 124
	notFound  = 127
	// killAfter: how long a program that was told to end may take.
	killAfter = 2 * time.Second
)

// execute runs a program with just the environment given (K=V) and answers its exit status. Without
// a limit the program takes this one's place. With one it gets a process group of its own, which is
// told to end when the time is up, and killed 2 s later.
func execute(argv, environment []string, timeout time.Duration) int {
	os.Clearenv()
	for _, one := range environment {
		key, value, _ := strings.Cut(one, "=")
		os.Setenv(key, value)
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return notFound
	}
	if timeout <= 0 {
		err := syscall.Exec(path, argv, os.Environ())
		fmt.Fprintln(os.Stderr, err)
		return notFound
	}
	command := exec.Command(path, argv[1:]...)
	command.Args[0] = argv[0]
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return notFound
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err = <-ended:
		return exitStatus(err)
	case <-time.After(timeout):
	}
	_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(killAfter):
	}
	_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	return outOfTime
}

// exitStatus as a shell tells it: 128 and the signal for a program that was killed.
func exitStatus(err error) int {
	var exit *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &exit) {
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
