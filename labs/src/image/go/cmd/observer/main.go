// Command drydock-observer sees the nodes of sandboxes from outside: it runs in a container of its
// own on the engine's machine, with that machine's processes, and answers what graders ask. See
// docs/decisions/0008-observer.md.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"drydock/node/internal/wall"
)

const usage = `usage:
  drydock-observer serve            answers sessions until it is told to end
  drydock-observer session          a line of JSON for each question on standard input, for each answer on standard output
and, for itself, in processes of their own:
  drydock-observer snapshot FILE [KEY...]   what a snapshot of etcd holds
  drydock-observer unit NAME                what systemd says of a unit
`

// wallEvery: how often the wall around the sandboxes is looked at, beside what happens to their
// networks.
const wallEvery = time.Minute

// keepWall puts the wall up and mends it for as long as the observer is there. Where it cannot be
// put up, sandboxes are made all the same, and their maker says so (labs/src/sandbox/wall.ts).
func keepWall(ctx context.Context) {
	var said string
	for {
		if err := wall.Ensure(ctx); err != nil && err.Error() != said {
			said = err.Error()
			fmt.Fprintln(os.Stderr, "the wall around the sandboxes:", said)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wallEvery):
		}
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		ends := make(chan os.Signal, 1)
		signal.Notify(ends, syscall.SIGTERM, syscall.SIGINT)
		listener, err := listen()
		if err != nil {
			return err
		}
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		go keepWall(ctx)
		failed := make(chan error, 1)
		go func() { failed <- newObserver().serve(listener) }()
		select {
		case err := <-failed:
			return err
		case <-ends:
			return nil
		}
	case len(args) == 1 && args[0] == "session":
		return passOn(os.Stdin, os.Stdout)
	case len(args) > 1 && args[0] == "snapshot":
		return json.NewEncoder(os.Stdout).Encode(readSnapshot(args[1], args[2:]))
	case len(args) == 2 && args[0] == "unit":
		state, err := askSystemd(args[1])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(state)
	}
	fmt.Fprint(os.Stderr, usage)
	os.Exit(2)
	return nil
}
