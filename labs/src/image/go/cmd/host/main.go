// Command drydock-host does on a host of a sandbox what graders ask for: static and self-contained, so that no program, library, name service or setting
// that a learner has replaced there has a say in the answer. Answers are a line of JSON on standard output.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

const usage = `usage:
  drydock-host exec [--timeout D] [--env K=V]... -- PROGRAM ARG...
                                                             runs a program with just this environment
  drydock-host read PATH                                     a file's bytes, as they are
  drydock-host stat PATH                                     what lies there, links followed
  drydock-host digest [--last N] PATH                        its SHA-256 without the last N bytes, and these
  drydock-host count --text T PATH                           how often it holds a text
  drydock-host processes NAME                                those that run a program of this name
  drydock-host open-files CONTAINER                          what its processes have open
  drydock-host unit NAME                                     the state of a systemd unit
  drydock-host get [--timeout D] [--header K:V]... URL       one HTTP request
  drydock-host poll [--timeout D] [--every D] [--within D] --name NAME URL
                                                             requests one after another until "stop NAME"
  drydock-host stop NAME
  drydock-host connect [--timeout D] --container ID ADDRESS:PORT
                                                             whether TCP connects out of a container's network
D is a duration such as 1500ms. Exit status 0: answered; 3: nothing there (read, stat, digest, count); 124: out of time (exec); 2: wrong call; 1: anything else.
`

// errMissing: the path does not exist.
var errMissing = errors.New("no such file")

func main() {
	err := run(os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, errMissing):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong call")

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("drydock-host", flag.ContinueOnError)
	timeout := flags.Duration("timeout", 0, "")
	every := flags.Duration("every", 50*time.Millisecond, "")
	within := flags.Duration("within", time.Minute, "")
	name := flags.String("name", "", "")
	container := flags.String("container", "", "")
	last := flags.Int64("last", 0, "")
	text := flags.String("text", "", "")
	var environment listFlag
	flags.Var(&environment, "env", "")
	headers := headerFlags{}
	flags.Var(headers, "header", "")
	flags.Usage = func() {}
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if args[0] == "exec" && flags.NArg() > 0 {
		os.Exit(execute(flags.Args(), environment, *timeout))
	}
	if flags.NArg() != 1 {
		return errUsage
	}
	operand := flags.Arg(0)
	switch args[0] {
	case "read":
		return readFile(operand)
	case "stat":
		return printResult(statFile(operand))
	case "digest":
		return printResult(digestFile(operand, *last))
	case "count":
		return printResult(countIn(operand, *text))
	case "processes":
		return printResult(processesNamed(operand))
	case "open-files":
		return printResult(openFilesOf(operand))
	case "unit":
		return printResult(unitState(operand))
	case "get":
		return printResult(get(operand, headers, *timeout), nil)
	case "poll":
		return printResult(poll(*name, operand, *timeout, *every, *within))
	case "stop":
		return stopPoll(operand)
	case "connect":
		return printResult(connect(*container, operand, *timeout))
	}
	return errUsage
}

// listFlag collects what a flag is given with each time.
type listFlag []string

func (l *listFlag) String() string        { return "" }
func (l *listFlag) Set(text string) error { *l = append(*l, text); return nil }

func printResult[T any](result T, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
