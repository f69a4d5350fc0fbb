package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"drydock/node/internal/ring"
	"golang.org/x/sys/unix"
)

const (
	ringSize = 4 << 20
	// window is how much output may be on its way to a client, unacknowledged.
	window = 256 << 10
	// readSize is the most output taken from the terminal at once.
	readSize = 64 << 10
	// afterExit bounds what is still read once the shell has ended, for programs left behind in the
	// background that go on writing. It is more than the kernel's buffers hold of the shell's own
	// output.
	afterExit = 256 << 10
)

// exitStatus is the payload of an 'x' frame.
type exitStatus struct {
	Code   *int    `json:"code"`
	Signal *string `json:"signal"`
}

// keeper owns one pseudo-terminal and the shell in it.
type keeper struct {
	spec      spec
	listener  *net.UnixListener
	master    *os.File
	slave     *os.File
	shell     *exec.Cmd
	startErr  error
	startedAt time.Time
	input     *inputQueue
	exited    chan struct{} // closed at the shell's end
	finished  chan struct{} // closed when all its output has been read
	stopOnce  sync.Once

	mu         sync.Mutex
	mayRead    *sync.Cond // the client, or what it has acknowledged, changed
	ring       *ring.Buffer
	cols, rows int
	client     *client
	status     *exitStatus // set when finished
	delivered  bool        // a client has acknowledged everything and was sent the status
}

// keep runs the keeper until its shell has ended and the end was handed over.
func keep(args []string) error {
	if len(args) != 1 {
		return errors.New("keep is started by attach only")
	}
	s, err := decodeSpec(args[0])
	if err != nil {
		return err
	}
	debug.SetGCPercent(50)
	k := &keeper{spec: s, ring: ring.New(ringSize), exited: make(chan struct{}), finished: make(chan struct{}), startedAt: time.Now()}
	k.mayRead = sync.NewCond(&k.mu)
	k.listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: s.socketPath(), Net: "unix"})
	if err != nil {
		return err
	}
	k.listener.SetUnlinkOnClose(false) // stop does it, under the lock
	if k.startErr = k.start(); k.startErr == nil {
		go k.input.run()
		go k.pump()
		go k.waitForEnd()
	}
	for {
		conn, err := k.listener.AcceptUnix()
		if err != nil {
			select {} // stop has closed the listener and is about to exit
		}
		go k.serve(conn)
	}
}

// start opens the terminal and starts the shell in it. The keeper itself is the session's leader:
// were it the shell, its end would hang the terminal up and the kernel would throw away output that
// was not read yet.
func (k *keeper) start() (err error) {
	_, _ = unix.Setsid() // fails when it is the leader already, which is as good
	if k.master, k.slave, err = openPTY(); err != nil {
		return err
	}
	cols, rows := k.spec.Cols, k.spec.Rows
	if cols <= 0 || rows <= 0 {
		cols, rows = 80, 24
	}
	if k.cols, k.rows, err = setSize(k.master, cols, rows); err != nil {
		return err
	}
	if err = unix.IoctlSetInt(int(k.slave.Fd()), unix.TIOCSCTTY, 0); err != nil {
		return os.NewSyscallError("take the terminal", err)
	}
	k.input = newInputQueue(k.master, k.slave)
	k.shell = exec.Command(k.spec.Argv[0], k.spec.Argv[1:]...)
	k.shell.Stdin, k.shell.Stdout, k.shell.Stderr = k.slave, k.slave, k.slave
	k.shell.Dir = k.spec.Cwd
	if _, err := os.Stat(k.shell.Dir); err != nil {
		k.shell.Dir = "/"
	}
	k.shell.Env = append([]string{"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/bash", "LANG=C.UTF-8", "TERM=xterm-256color",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, k.spec.Env...)
	k.shell.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: int(k.slave.Fd())}
	if err = k.shell.Start(); err != nil {
		return err
	}
	// Only now, as the shell would inherit it: the keeper is in the terminal's background and must not
	// be stopped for touching it.
	signal.Ignore(unix.SIGTTOU, unix.SIGTTIN, unix.SIGHUP)
	return nil
}

// pump moves output from the terminal into the ring, as fast as the client acknowledges it, until
// the shell has ended and all is read.
func (k *keeper) pump() {
	defer close(k.finished)
	buf := make([]byte, readSize)
	for left := afterExit; left > 0; {
		k.mu.Lock()
		for k.client != nil && k.ring.End()-k.client.acked >= window {
			k.mayRead.Wait()
		}
		k.mu.Unlock()
		select {
		case <-k.exited:
			// Programs in the background may hold the terminal open, so its end cannot be waited for.
			_ = k.master.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		default:
		}
		n, err := readBatch(k.master, buf)
		k.mu.Lock()
		k.ring.Write(buf[:n])
		k.client.wake()
		k.mu.Unlock()
		select {
		case <-k.exited:
			left -= n
		default:
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil // the end came between the two looks at it
			}
		}
		if err != nil && n == 0 {
			return
		}
	}
}

// waitForEnd reaps the shell, records how it ended, and stops the keeper when a client has had its
// time.
func (k *keeper) waitForEnd() {
	_ = k.shell.Wait()
	close(k.exited)
	k.slave.Close()
	_ = k.master.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	<-k.finished
	status := &exitStatus{}
	if ws := k.shell.ProcessState.Sys().(syscall.WaitStatus); ws.Signaled() {
		name := unix.SignalName(ws.Signal())
		status.Signal = &name
	} else {
		code := ws.ExitStatus()
		status.Code = &code
	}
	k.mu.Lock()
	k.status = status
	k.client.wake()
	k.mu.Unlock()
	for seconds := 0; ; seconds++ { // counted, so that a frozen host does not use the time up
		time.Sleep(time.Second)
		k.mu.Lock()
		handingOver := k.client != nil && !k.delivered
		k.mu.Unlock()
		if seconds >= lingerSeconds() && !handingOver {
			k.stop()
		}
	}
}

// stop ends the keeper. The lock keeps an attach from connecting to, or starting, anything
// meanwhile.
func (k *keeper) stop() {
	k.stopOnce.Do(func() {
		if unlock, err := lock(k.spec.lockPath()); err == nil {
			defer unlock()
		}
		k.listener.Close()
		_ = os.Remove(k.spec.socketPath())
		os.Exit(0)
	})
}

// end asks the shell to go, then makes it, and stops the keeper.
func (k *keeper) end() {
	if k.startErr == nil {
		_ = unix.Kill(k.shell.Process.Pid, unix.SIGHUP)
		_ = unix.Kill(k.shell.Process.Pid, unix.SIGCONT)
		select {
		case <-k.exited:
		case <-time.After(time.Second):
			_ = k.shell.Process.Kill()
		}
	}
	k.stop()
}
