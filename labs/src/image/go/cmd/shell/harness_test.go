package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"drydock/node/internal/frame"
)

// The test binary is the program, too: the keeper must be a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("DRYDOCK_SHELL_IS_PROGRAM") != "" {
		main()
		return
	}
	os.Setenv("DRYDOCK_SHELL_IS_PROGRAM", "1")
	os.Setenv("DRYDOCK_SHELL_LINGER", "3")
	os.Exit(m.Run())
}

const patience = 20 * time.Second

// attachment is an `attach` process with what came from it.
type attachment struct {
	t       *testing.T
	process *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.Reader
	hello   hello
	offset  uint64 // of the first output byte
	output  []byte
	manual  bool // acknowledge nothing by itself
}

type event struct {
	kind    byte
	payload []byte
}

func start(t *testing.T, dir string, args ...string) *attachment {
	t.Helper()
	all := append([]string{"attach", "--dir", dir, "--name", "t1"}, args...)
	a := &attachment{t: t, process: exec.Command(os.Args[0], all...)}
	a.stdin, _ = a.process.StdinPipe()
	a.stdout, _ = a.process.StdoutPipe()
	a.process.Stderr = os.Stderr
	if err := a.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.stdin.Close()
		_ = a.process.Wait()
		_ = exec.Command(os.Args[0], "kill", "--dir", dir, "--name", "t1").Run()
	})
	first := a.next()
	if first.kind != 'h' {
		t.Fatalf("first frame is %q %s", first.kind, first.payload)
	}
	if err := json.Unmarshal(first.payload, &a.hello); err != nil {
		t.Fatal(err)
	}
	return a
}

// next is the next frame; output is gathered and, unless manual, acknowledged.
func (a *attachment) next() event {
	a.t.Helper()
	type result struct {
		event
		err error
	}
	done := make(chan result, 1)
	go func() {
		kind, payload, err := frame.Read(a.stdout, nil)
		done <- result{event{kind, payload}, err}
	}()
	select {
	case r := <-done:
		if r.err == io.EOF {
			return event{0, nil}
		}
		if r.err != nil {
			a.t.Fatalf("reading a frame: %v", r.err)
		}
		if r.kind == 'o' {
			offset := binary.BigEndian.Uint64(r.payload)
			if a.output == nil {
				a.offset = offset
			}
			if want := a.offset + uint64(len(a.output)); offset != want {
				a.t.Fatalf("output at %d, expected %d", offset, want)
			}
			a.output = append(a.output, r.payload[8:]...)
			if !a.manual {
				a.ack()
			}
		}
		return r.event
	case <-time.After(patience):
		a.t.Fatalf("nothing came in %v; output so far ends with %q", patience, tail(a.output))
	}
	return event{}
}

// frameOf skips output until a frame of that kind comes.
func (a *attachment) frameOf(kind byte) []byte {
	a.t.Helper()
	for {
		e := a.next()
		if e.kind == kind {
			return e.payload
		}
		if e.kind != 'o' {
			a.t.Fatalf("got %q %s, expected %q", e.kind, e.payload, kind)
		}
	}
}

// until reads output until it contains text.
func (a *attachment) until(text string) {
	a.t.Helper()
	for !bytes.Contains(a.output, []byte(text)) {
		if e := a.next(); e.kind != 'o' {
			a.t.Fatalf("got %q %s before %q; output ends with %q", e.kind, e.payload, text, tail(a.output))
		}
	}
}

func (a *attachment) send(kind byte, payload []byte) {
	if _, err := a.stdin.Write(frame.Append(nil, kind, payload)); err != nil {
		a.t.Error(err)
	}
}

func (a *attachment) typed(text string) { a.send('i', []byte(text)) }

// ack tells that all output so far has been consumed; where the connection has ended meanwhile, the
// frames that still come say why.
func (a *attachment) ack() {
	_, _ = a.stdin.Write(frame.Append(nil, 'a', binary.BigEndian.AppendUint64(nil, a.offset+uint64(len(a.output)))))
}

// detach ends the attachment and waits for its process.
func (a *attachment) detach() {
	a.manual = true
	a.stdin.Close()
	for a.next().kind != 0 {
	}
}

func tail(p []byte) []byte { return p[max(0, len(p)-200):] }

// lines gives the script that prints n numbered lines, and nothing else, without a shell's help.
func lines(n int) []string {
	return []string{"--", "/usr/bin/seq", "-f", "%07.0f", "1", strconv.Itoa(n)}
}

// residentBytes is a process's memory now.
func residentBytes(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, _ := strconv.Atoi(string(bytes.Fields(text)[1]))
	return pages * os.Getpagesize()
}

// parentOf is the parent's process id: of the shell, its keeper.
func parentOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	parent, _ := strconv.Atoi(string(bytes.Fields(text[bytes.LastIndexByte(text, ')')+2:])[1]))
	return parent
}
