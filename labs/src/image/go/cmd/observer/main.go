// Command drydock-observer sees the nodes of sandboxes from outside: it runs in a container of its own on the engine's machine, with
// that machine's processes, and answers what graders ask. See docs/decisions/0008-observer.md.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage:
  drydock-observer serve            answers sessions until it is told to end
  drydock-observer session          a line of JSON for each question on standard input, for each answer on standard output
and, for itself, in processes of their own:
  drydock-observer snapshot FILE [KEY...]   what a snapshot of etcd holds
  drydock-observer unit NAME                what systemd says of a unit
`

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
