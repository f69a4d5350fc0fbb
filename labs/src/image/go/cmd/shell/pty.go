package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openPTY opens a new pseudo-terminal. The master never blocks, so that Go's poller waits for it.
func openPTY() (master, slave *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("open /dev/ptmx", err)
	}
	master = os.NewFile(uintptr(fd), "/dev/ptmx")
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		master.Close()
		return nil, nil, os.NewSyscallError("unlock the pseudo-terminal", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		master.Close()
		return nil, nil, os.NewSyscallError("number of the pseudo-terminal", err)
	}
	// Not by os.OpenFile, which would make it non-blocking for the shell too.
	path := "/dev/pts/" + strconv.Itoa(n)
	fd, err = unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		master.Close()
		return nil, nil, os.NewSyscallError("open "+path, err)
	}
	return master, os.NewFile(uintptr(fd), path), nil
}

// control runs f with the file's descriptor without giving up Go's poller, which File.Fd would.
func control(file *os.File, f func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// setSize tells the terminal its size, clamped to what a terminal can sensibly have. The kernel
// sends SIGWINCH when it changes.
func setSize(master *os.File, cols, rows int) (int, int, error) {
	cols, rows = max(2, min(cols, 500)), max(1, min(rows, 300))
	return cols, rows, control(master, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(cols), Row: uint16(rows)})
	})
}

// readBatch waits for output and then takes all that is there, as far as it fits into buf. The
// kernel gives at most 4 KiB at a time, and a frame for each would cost more than the bytes.
func readBatch(master *os.File, buf []byte) (n int, err error) {
	raw, err := master.SyscallConn()
	if err != nil {
		return 0, err
	}
	var inner error
	err = raw.Read(func(fd uintptr) bool {
		for n < len(buf) {
			m, e := unix.Read(int(fd), buf[n:])
			if e == unix.EINTR {
				continue
			}
			if e == unix.EAGAIN {
				return n > 0
			}
			if e != nil || m == 0 {
				inner = unix.EIO // the last holder of the terminal's other side is gone
				return true
			}
			n += m
		}
		return true
	})
	if err == nil && n == 0 {
		err = inner
	}
	return n, err
}

// interrupt does at once what the byte c (Ctrl-C, Ctrl-\, Ctrl-Z) does when typed, for when the
// terminal's input is full and the byte itself would wait behind it. It also empties the input, as
// the kernel does. Returns false when c is no such byte for the program now running.
func interrupt(master, slave *os.File, c byte) bool {
	return control(master, func(fd int) error {
		termios, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		signals := map[byte]unix.Signal{
			termios.Cc[unix.VINTR]: unix.SIGINT, termios.Cc[unix.VQUIT]: unix.SIGQUIT, termios.Cc[unix.VSUSP]: unix.SIGTSTP,
		}
		signal, ok := signals[c]
		if !ok || termios.Lflag&unix.ISIG == 0 {
			return unix.EINVAL
		}
		_ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH)
		_ = control(slave, func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) })
		return unix.IoctlSetInt(fd, unix.TIOCSIG, int(signal))
	}) == nil
}
