package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"drydock/node/internal/frame"
)

// stallSeconds is how long a client may leave its window full before it counts as gone.
const stallSeconds = 10

// client is one attached connection. sent and acked are offsets, guarded by the keeper's mutex, as
// is the rest that changes.
type client struct {
	keeper     *keeper
	conn       *net.UnixConn
	changed    chan struct{}
	sent       uint64
	acked      uint64
	exitSent   bool
	closing    bool
	lastWords  []byte // an 'e' frame to be sent before the connection is closed
	stallTicks int
}

type hello struct {
	PID       int       `json:"pid"`
	Name      string    `json:"name"`
	StartedAt time.Time `json:"startedAt"`
	First     uint64    `json:"first"`
	End       uint64    `json:"end"`
	Cols      int       `json:"cols"`
	Rows      int       `json:"rows"`
}

// description is a line of `list`.
type description struct {
	hello
	Attached bool `json:"attached"`
	Exited   bool `json:"exited"`
}

func (k *keeper) hello() hello {
	return hello{k.shell.Process.Pid, k.spec.Name, k.startedAt.UTC(), k.ring.First(), k.ring.End(), k.cols, k.rows}
}

// serve answers one connection.
func (k *keeper) serve(conn *net.UnixConn) {
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	kind, payload, err := frame.Read(conn, nil)
	_ = conn.SetReadDeadline(time.Time{})
	var want request
	switch {
	case err != nil:
		conn.Close()
	case kind == 'K':
		k.end()
	case k.startErr != nil:
		_, _ = conn.Write(frame.AppendJSON(nil, 'e', failure{"spawn-failed", k.startErr.Error()}))
		k.stop()
	case kind == 'L':
		k.mu.Lock()
		line := description{k.hello(), k.client != nil, k.status != nil}
		k.mu.Unlock()
		_, _ = conn.Write(frame.AppendJSON(nil, 'l', line))
		conn.Close()
	case kind == 'A' && json.Unmarshal(payload, &want) == nil:
		k.attach(conn, want)
	default:
		conn.Close()
	}
}

// attach makes the connection the keeper's client, in place of an older one, and reads its frames
// until it ends.
func (k *keeper) attach(conn *net.UnixConn, want request) {
	k.mu.Lock()
	if k.status != nil && k.delivered && want.From < 0 {
		k.mu.Unlock()
		_, _ = conn.Write(frame.Append(nil, 'g', nil))
		k.stop()
		return
	}
	from := uint64(max(want.From, 0))
	if from < k.ring.First() || from > k.ring.End() {
		from = k.ring.First()
	}
	c := &client{keeper: k, conn: conn, changed: make(chan struct{}, 1), sent: from, acked: from}
	if k.client != nil {
		k.client.fail("taken-over", "another client has attached to this shell")
	}
	k.client = c
	if want.Cols > 0 && want.Rows > 0 {
		k.resize(want.Cols, want.Rows)
	}
	greeting := frame.AppendJSON(nil, 'h', k.hello())
	k.mayRead.Broadcast()
	k.mu.Unlock()
	go c.send(greeting)
	code, err := c.receive()
	k.mu.Lock()
	if code != "" {
		c.fail(code, err.Error())
	}
	c.closing = true
	c.wake()
	k.mu.Unlock()
}

func (k *keeper) resize(cols, rows int) {
	if c, r, err := setSize(k.master, cols, rows); err == nil {
		k.cols, k.rows = c, r
	}
}

// wake tells the sender to look again. It may be called on no client at all.
func (c *client) wake() {
	if c == nil {
		return
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// fail has the sender say why and close. The first reason stands.
func (c *client) fail(code, message string) {
	if !c.closing {
		c.closing = true
		c.lastWords = frame.AppendJSON(nil, 'e', failure{code, message})
		c.wake()
	}
}

// receive handles the client's frames until the connection ends (no code) or breaks the protocol
// (the code says how).
func (c *client) receive() (code string, err error) {
	buf := make([]byte, 32<<10)
	k := c.keeper
	for {
		kind, payload, err := frame.Read(c.conn, buf)
		if errors.Is(err, frame.ErrTooLarge) {
			return "frame-too-large", err
		}
		if err != nil {
			return "", nil
		}
		switch {
		case kind == 'i':
			if !k.input.put(payload) {
				return "input-overflow", fmt.Errorf("more than %d bytes of input wait for the program", maxQueuedInput)
			}
		case kind == 'r' && len(payload) == 4:
			k.mu.Lock()
			k.resize(int(binary.BigEndian.Uint16(payload)), int(binary.BigEndian.Uint16(payload[2:])))
			k.mu.Unlock()
		case kind == 'a' && len(payload) == 8:
			k.mu.Lock()
			if acked := min(binary.BigEndian.Uint64(payload), c.sent); acked > c.acked {
				c.acked, c.stallTicks = acked, 0
				c.noteDelivery()
				k.mayRead.Broadcast()
				c.wake()
			}
			k.mu.Unlock()
		case kind == 'r' || kind == 'a':
			return "bad-frame", fmt.Errorf("frame %q with %d bytes", kind, len(payload))
		default:
			return "unknown-frame", fmt.Errorf("unknown frame type %q", kind)
		}
	}
}

func (c *client) noteDelivery() {
	if c.exitSent && c.acked == c.keeper.ring.End() {
		c.keeper.delivered = true
	}
}

// send writes what there is to be sent until the connection is to be closed, and closes it.
func (c *client) send(greeting []byte) {
	k := c.keeper
	ok := c.write(greeting)
	buf := make([]byte, 0, readSize+frame.HeaderSize+8)
	chunk := make([]byte, readSize)
	for ok {
		k.mu.Lock()
		closing := c.closing
		room := window - (c.sent - c.acked)
		n := k.ring.Copy(chunk[:min(room, readSize)], c.sent)
		switch {
		case closing:
			buf = append(buf[:0], c.lastWords...)
		case n > 0:
			buf = frame.AppendOutput(buf[:0], c.sent, chunk[:n])
			c.sent += uint64(n)
		case k.status != nil && !c.exitSent && c.sent == k.ring.End():
			buf = frame.AppendJSON(buf[:0], 'x', k.status)
			c.exitSent = true
			c.noteDelivery()
		default:
			buf = buf[:0]
		}
		k.mu.Unlock()
		if len(buf) > 0 {
			ok = c.write(buf)
		} else if !closing {
			ok = c.wait(room == 0)
		}
		ok = ok && !closing
	}
	c.conn.Close()
	k.mu.Lock()
	c.closing = true
	if k.client == c {
		k.client = nil
		k.mayRead.Broadcast()
	}
	k.mu.Unlock()
}

// wait returns when something has changed. A client that keeps its window full is failed after
// stallSeconds, counted in ticks and not by the clock, because the host may be frozen while the
// client's acknowledgement is on its way.
func (c *client) wait(full bool) bool {
	if !full {
		<-c.changed
		return true
	}
	tick := time.NewTimer(time.Second)
	defer tick.Stop()
	select {
	case <-c.changed:
	case <-tick.C:
		c.keeper.mu.Lock()
		if c.stallTicks++; c.stallTicks >= stallSeconds {
			c.fail("stalled", fmt.Sprintf("no acknowledgement for %d s", stallSeconds))
		}
		c.keeper.mu.Unlock()
	}
	return true
}

// write writes all of p, or gives up on a client that takes nothing for stallSeconds or is to be
// closed.
func (c *client) write(p []byte) bool {
	for ticks := 0; ; ticks++ {
		_ = c.conn.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := c.conn.Write(p)
		p = p[n:]
		if err == nil {
			return true
		}
		if n > 0 {
			ticks = 0
		}
		c.keeper.mu.Lock()
		closing := c.closing
		c.keeper.mu.Unlock()
		if !errors.Is(err, os.ErrDeadlineExceeded) || closing || ticks >= stallSeconds {
			return false
		}
	}
}
