// Command drydock-wall puts the wall around the sandboxes up, looks at it and takes it down. It runs once for each of these, in a privileged container on the
// engine's own network.
package main

import (
	"context"
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
Exit status 0: done, or nothing to say; 1: what is said on standard error; 2: wrong call.
`

var commands = map[string]func(context.Context) error{
	"ensure": wall.Ensure, "check": wall.Check, "probe": wall.Probe, "remove": wall.Remove,
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer cancel()
	command := commands[""]
	if len(os.Args) == 2 {
		command = commands[os.Args[1]]
	}
	if command == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := command(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
