package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// node is a host of a sandbox, seen from the engine's machine: the first process of its container,
// and that container's id. Nothing in the node has a say in what is found: files are read through
// the kernel's view of its root, processes are those of the machine, requests are made by this
// program in the node's network.
type node struct {
	PID       int    `json:"pid"`
	Container string `json:"container"`
}

var (
	// errGone: the process is not that of the container (any more); the caller asks the engine again.
	errGone = errors.New("the node is gone")
	// errMissing: the path does not exist.
	errMissing = errors.New("no such file")
	errUsage   = errors.New("wrong call")
)

// check makes sure that the process is still the container's: numbers of processes are given again.
func (n node) check() error {
	if n.PID <= 1 || len(n.Container) < 12 {
		return errUsage
	}
	groups, err := os.ReadFile(n.proc("cgroup"))
	if err != nil || !bytes.Contains(groups, []byte(n.Container)) {
		return fmt.Errorf("%w: process %d", errGone, n.PID)
	}
	return nil
}

func (n node) proc(parts ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(n.PID)}, parts...)...)
}

// open opens a path as the node sees it: links, absolute ones too, stay below the node's root.
func (n node) open(path string, flags int) (*os.File, error) {
	root, err := unix.Open(n.proc("root"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	defer unix.Close(root)
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	for {
		// EAGAIN: something on the way was renamed at that moment (openat2(2)).
		file, err := unix.Openat2(root, path, &how)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, missing(&os.PathError{Op: "open", Path: path, Err: err})
		}
		return os.NewFile(uintptr(file), path), nil
	}
}

// inNetwork does work on a thread that is in a network namespace. What the work opens is opened in
// the caller's goroutine: a dialer does that for addresses that are numbers.
func inNetwork[T any](namespace string, work func() (T, error)) (T, error) {
	var zero T
	target, err := os.Open(namespace)
	if err != nil {
		return zero, fmt.Errorf("%w: %w", errGone, err)
	}
	defer target.Close()
	runtime.LockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return zero, err
	}
	defer own.Close()
	if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return zero, fmt.Errorf("entering %s: %w", namespace, err)
	}
	result, err := work()
	// A thread that cannot come back stays locked, and ends with its goroutine.
	if unix.Setns(int(own.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return result, err
}
