// Command drydock-exec runs a program on a host of a sandbox with just the environment it is given,
// and ends it with all that it started when its time is up. Static and self-contained: it works
// whatever the host's shell, libraries and settings are.
package main

import (
	"flag"
	"fmt"
	"os"
)

const usage = `usage:
  drydock-exec [--timeout D] [--env K=V]... -- PROGRAM ARG...
D is a duration such as 1500ms. Exit status: the program's; 124: out of time; 127: no such program; 2: wrong call.
`

func main() {
	flags := flag.NewFlagSet("drydock-exec", flag.ContinueOnError)
	timeout := flags.Duration("timeout", 0, "")
	var environment listFlag
	flags.Var(&environment, "env", "")
	flags.Usage = func() {}
	if err := flags.Parse(os.Args[1:]); err != nil || flags.NArg() == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	os.Exit(execute(flags.Args(), environment, *timeout))
}

// listFlag collects what a flag is given with each time.
type listFlag []string

func (l *listFlag) String() string        { return "" }
func (l *listFlag) Set(text string) error { *l = append(*l, text); return nil }
