package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"drydock/node/internal/frame"
	"golang.org/x/sys/unix"
)

// request is the first frame on every connection to a keeper: 'A' attach, 'L' describe yourself,
// 'K' end the shell.
type request struct {
	Cols, Rows int
	From       int64 // -1: everything kept
}

// failure is the payload of an 'e' frame.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// attach connects standard input and output to the named keeper until either side ends.
func attach(s spec, from int64) error {
	first := frame.AppendJSON(nil, 'A', request{Cols: s.Cols, Rows: s.Rows, From: from})
	for range 5 {
		conn, err := connectOrStart(s)
		if err != nil {
			_, _ = os.Stdout.Write(frame.AppendJSON(nil, 'e', failure{"keeper-failed", err.Error()}))
			return err
		}
		// A keeper whose shell has ended says 'g' (gone) or just closes, and then a new one is to be
		// started.
		kind, payload, err := exchange(conn, first)
		if err != nil || kind == 'g' {
			conn.Close()
			time.Sleep(5 * time.Millisecond)
			continue
		}
		if _, err := os.Stdout.Write(frame.Append(nil, kind, payload)); err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(conn, os.Stdin)
			_ = conn.CloseWrite()
		}()
		_, err = io.Copy(os.Stdout, conn)
		if errors.Is(err, unix.ECONNRESET) {
			err = nil // the keeper closed while input was on its way
		}
		return err
	}
	err := errors.New("the keeper ended again and again")
	_, _ = os.Stdout.Write(frame.AppendJSON(nil, 'e', failure{"keeper-failed", err.Error()}))
	return err
}

// exchange writes a request and reads the first frame of the answer.
func exchange(conn *net.UnixConn, request []byte) (byte, []byte, error) {
	if _, err := conn.Write(request); err != nil {
		return 0, nil, err
	}
	return frame.Read(conn, nil)
}

func connect(socketPath string) (*net.UnixConn, error) {
	return net.DialUnix("unix", nil, &net.UnixAddr{Name: socketPath, Net: "unix"})
}

// connectOrStart connects to the keeper, or starts one. The lock makes sure that two attaches at
// once start only one.
func connectOrStart(s spec) (*net.UnixConn, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	unlock, err := lock(s.lockPath())
	if err != nil {
		return nil, err
	}
	defer unlock()
	if conn, err := connect(s.socketPath()); err == nil {
		return conn, nil
	}
	_ = os.Remove(s.socketPath()) // of a keeper that was killed
	for _, start := range []func(spec) error{startInScope, startDetached} {
		if start(s) != nil {
			continue
		}
		// Counted pauses, not a clock: a host that is frozen meanwhile must not run out of time.
		for range 1000 {
			if conn, err := connect(s.socketPath()); err == nil {
				return conn, nil
			}
			time.Sleep(3 * time.Millisecond)
		}
	}
	return nil, errors.New("the keeper did not start")
}

// lock takes an exclusive lock on a file, waiting for it, and returns what gives it back.
func lock(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return func() { file.Close() }, nil
}

// list prints one JSON line for each living keeper.
func list(dir string) error {
	sockets, err := filepath.Glob(dir + "/*.sock")
	if err != nil {
		return err
	}
	for _, path := range sockets {
		conn, err := connect(path)
		if err != nil {
			continue
		}
		if kind, payload, err := exchange(conn, frame.Append(nil, 'L', nil)); err == nil && kind == 'l' {
			fmt.Println(strings.TrimSpace(string(payload)))
		}
		conn.Close()
	}
	return nil
}

// kill ends the named shell and returns when its keeper is gone. A shell that does not run is no
// error.
func kill(s spec) error {
	conn, err := connect(s.socketPath())
	if err != nil {
		return nil
	}
	defer conn.Close()
	if _, err := conn.Write(frame.Append(nil, 'K', nil)); err != nil {
		return nil
	}
	_, _ = io.Copy(io.Discard, conn)
	return nil
}
