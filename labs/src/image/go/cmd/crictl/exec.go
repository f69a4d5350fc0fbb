package main

import (
	"context"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	utilexec "k8s.io/utils/exec"
)

func execCommand(c *client) *cobra.Command {
	var stdin, tty, sync bool
	var timeoutSeconds int64
	command := &cobra.Command{Use: "exec [-i] [-t] CONTAINER-ID COMMAND [ARG...]", Short: "Run a command in a running container", Args: cobra.MinimumNArgs(2)}
	flags := command.Flags()
	flags.SetInterspersed(false) // the options after the container are the program's
	flags.BoolVarP(&stdin, "interactive", "i", false, "Keep STDIN open")
	flags.BoolVarP(&tty, "tty", "t", false, "Allocate a pseudo-TTY")
	flags.BoolVarP(&sync, "sync", "s", false, "Run the command synchronously")
	flags.Int64Var(&timeoutSeconds, "timeout", 0, "Timeout in seconds, with --sync")
	command.RunE = func(command *cobra.Command, args []string) error {
		ctx := command.Context()
		service, err := c.runtime(ctx)
		if err != nil {
			return err
		}
		if sync {
			stdout, stderr, err := service.ExecSync(ctx, args[0], args[1:], time.Duration(timeoutSeconds)*time.Second)
			_, _ = os.Stdout.Write(stdout)
			_, _ = os.Stderr.Write(stderr)
			return err
		}
		response, err := service.Exec(ctx, &criapi.ExecRequest{ContainerId: args[0], Cmd: args[1:], Stdin: stdin, Tty: tty, Stdout: true, Stderr: !tty})
		if err != nil {
			return err
		}
		return stream(ctx, response.GetUrl(), stdin, tty)
	}
	return command
}

// stream connects the terminal, or what stands for it, to a program in a container.
func stream(ctx context.Context, address string, stdin, tty bool) error {
	target, err := url.Parse(address)
	if err != nil {
		return err
	}
	executor, err := remotecommand.NewSPDYExecutor(&rest.Config{TLSClientConfig: rest.TLSClientConfig{Insecure: true}}, "POST", target)
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Tty: tty}
	if stdin {
		options.Stdin = os.Stdin
	}
	if !tty {
		options.Stderr = os.Stderr
	} else if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		before, err := term.MakeRaw(fd)
		if err != nil {
			return err
		}
		defer func() { _ = term.Restore(fd, before) }()
		options.TerminalSizeQueue = newSizes(ctx)
	}
	err = executor.StreamWithContext(ctx, options)
	if exit, ok := err.(utilexec.ExitError); ok {
		return utilexec.CodeExitError{Err: err, Code: exit.ExitStatus()}
	}
	return err
}

// sizes reports the terminal's size, first as it is and then whenever it changes.
type sizes struct {
	ctx     context.Context
	changes chan os.Signal
}

func newSizes(ctx context.Context) *sizes {
	s := &sizes{ctx, make(chan os.Signal, 1)}
	s.changes <- unix.SIGWINCH
	signal.Notify(s.changes, unix.SIGWINCH)
	return s
}

// Next waits for the next size; nil ends the queue.
func (s *sizes) Next() *remotecommand.TerminalSize {
	select {
	case <-s.ctx.Done():
		return nil
	case <-s.changes:
	}
	width, height, err := term.GetSize(int(os.Stdin.Fd()))
	if err != nil {
		return nil
	}
	return &remotecommand.TerminalSize{Width: uint16(width), Height: uint16(height)}
}
