package main

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// maxQueuedInput bounds what a client may type ahead of a program that does not read, in bytes.
const maxQueuedInput = 16 << 20

// inputQueue takes input without ever blocking, because the acknowledgements that unblock the
// output come behind it on the same connection.
type inputQueue struct {
	mu      sync.Mutex
	pending []byte
	ready   chan struct{}
	master  *os.File
	slave   *os.File
}

func newInputQueue(master, slave *os.File) *inputQueue {
	return &inputQueue{master: master, slave: slave, ready: make(chan struct{}, 1)}
}

// put queues p and returns false when there is no room for it.
func (q *inputQueue) put(p []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) > 0 && len(p) == 1 && interrupt(q.master, q.slave, p[0]) {
		q.pending = nil
		return true
	}
	if len(q.pending)+len(p) > maxQueuedInput {
		return false
	}
	q.pending = append(q.pending, p...)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// run writes queued input to the terminal until the terminal is gone. What waits for room stays in
// the queue, where an interrupt can drop it.
func (q *inputQueue) run() {
	raw, err := q.master.SyscallConn()
	for range q.ready {
		if err != nil {
			return
		}
		err = raw.Write(func(fd uintptr) bool {
			q.mu.Lock()
			defer q.mu.Unlock()
			for len(q.pending) > 0 {
				n, err := unix.Write(int(fd), q.pending)
				if err == unix.EAGAIN {
					return false
				}
				if err != nil && err != unix.EINTR {
					q.pending = nil // the terminal is gone
				}
				q.pending = q.pending[max(n, 0):]
			}
			q.pending = nil
			return true
		})
	}
}
