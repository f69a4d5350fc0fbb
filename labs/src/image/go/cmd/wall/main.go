// Command drydock-wall puts the wall around the sandboxes up, looks at it and takes it down. It
// runs once for each of these, in a privileged container on the engine's own network.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"drydock/node/internal/wall"
	"golang.org/x/sys/unix"
)

const usage = `usage:
  drydock-wall ensure   puts it up, unless it is there unchanged
  drydock-wall check    says why it is not there unchanged
  drydock-wall probe    says why it could not be put up
  drydock-wall remove   takes it down
Exit status 0: done, or nothing to say; 3: there is no wall; 4: it was altered; 2: wrong call; 1: anything else. All but 0 are explained on standard error.
`

var commands = map[string]func(context.Context) error{
	"ensure": wall.Ensure, "check": wall.Check, "probe": wall.Probe, "remove": wall.Remove,
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer cancel()
	if len(os.Args) != 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	err := commands[os.Args[1]](ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(exitStatus(err))
}

func exitStatus(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, wall.ErrMissing):
		return 3
	case errors.Is(err, wall.ErrAltered):
		return 4
	default:
		return 1
	}
}
