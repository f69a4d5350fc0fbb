// Command drydock-shell keeps a learner's shell alive in a sandbox's host, whoever comes and goes.
//
// A keeper (one per shell, detached from whoever started it) owns the pseudo-terminal and listens
// on <dir>/<name>.sock. `attach`, run by the engine's exec with pipes, connects its standard input
// and output to the keeper and starts one when there is none. Frames in both directions: one byte
// of type, four bytes of big-endian length (at most 1 MiB), the payload. A frame that is too large,
// unknown or malformed closes the connection that it came on and nothing else.
//
//	client → keeper   'i' input bytes
//	                  'r' resize: uint16 columns (2..500), uint16 rows (1..300), clamped
//	                  'a' acknowledgement: uint64 offset up to which output has been consumed
//	keeper → client   'h' hello, first of all: {"pid","name","startedAt","first","end","cols","rows"}; first and end are the offsets of the
//	                      oldest output kept and of the end of the output so far. A pid or startedAt that is not the expected one is another shell
//	                  'o' output: uint64 offset of its first byte, then the bytes
//	                  'x' exit, after all output: {"code": n|null, "signal": "killed"|null}
//	                  'e' error: {"code","message"}; taken-over, stalled, frame-too-large, unknown-frame, bad-frame, input-overflow, spawn-failed,
//	                      keeper-failed. The connection ends after it
//
// Output is numbered from 0. The last 4 MiB are kept and replayed from the offset that `attach
// --from` names; from the oldest byte kept when that offset is older, lies beyond the end (it was
// another shell's), or is not given. At most 256 KiB are sent ahead of the acknowledgements; then
// the terminal is no longer read and the program in it blocks. A client that leaves that window
// full for 10 s is sent away. With no client the output is drained into the ring. Of two clients
// the newer wins. After the shell's end the keeper waits up to 60 s for a client that takes the
// rest; an `attach` without --from starts a new shell once the old one's end was delivered and
// acknowledged.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
)

const defaultDir = "/run/drydock/shell"

// spec is what an attach asks for: which shell, and how to start it when it does not run.
type spec struct {
	Dir  string
	Name string
	Argv []string
	Cwd  string
	Env  []string
	Cols int
	Rows int
}

func (s spec) socketPath() string { return s.Dir + "/" + s.Name + ".sock" }
func (s spec) lockPath() string   { return s.Dir + "/" + s.Name + ".lock" }

var validName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$`)

const usage = `usage:
  drydock-shell attach --name NAME [--cols N --rows N] [--from OFFSET] [--cwd DIR] [--env K=V]... [-- PROGRAM ARG...]
  drydock-shell list
  drydock-shell kill --name NAME
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "drydock-shell:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	// Keeper and attach hand small things on, from one goroutine to the next: waking another thread
	// for each takes longer than the work.
	runtime.GOMAXPROCS(1)
	if len(args) == 0 {
		return errors.New(strings.TrimSpace(usage))
	}
	if args[0] == "keep" { // internal: what attach starts
		return keep(args[1:])
	}
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	s := spec{Dir: defaultDir}
	flags.StringVar(&s.Dir, "dir", s.Dir, "folder of the sockets")
	flags.StringVar(&s.Name, "name", "", "the shell's name")
	flags.StringVar(&s.Cwd, "cwd", "/root", "working directory of a new shell")
	flags.IntVar(&s.Cols, "cols", 0, "columns")
	flags.IntVar(&s.Rows, "rows", 0, "rows")
	from := flags.Int64("from", -1, "offset of the first output byte wanted")
	flags.Func("env", "K=V for a new shell", func(v string) error { s.Env = append(s.Env, v); return nil })
	_ = flags.Parse(args[1:])
	s.Argv = flags.Args()
	if args[0] == "list" {
		return list(s.Dir)
	}
	if !validName.MatchString(s.Name) {
		return fmt.Errorf("--name %q: 1 to 64 letters, digits, dots, dashes, underscores", s.Name)
	}
	switch args[0] {
	case "attach":
		if len(s.Argv) == 0 {
			s.Argv = []string{"/bin/bash", "-l"}
		}
		return attach(s, *from)
	case "kill":
		return kill(s)
	}
	return fmt.Errorf("unknown command %q\n%s", args[0], usage)
}
