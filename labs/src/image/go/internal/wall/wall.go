// Package wall keeps sandboxes apart from one another and from the machine that runs them, by a
// table of nftables of Drydock's own in the engine's network namespace: outside the sandboxes, and
// whatever the engine's own rules are at that moment. It needs nothing to be known of the
// sandboxes, as their bridges are told by name. It uses nft(8).
package wall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

var (
	// ErrMissing: there is no wall.
	ErrMissing = errors.New("the wall is missing")
	// ErrAltered: there is one, but not all of it is as it should be.
	ErrAltered = errors.New("the wall was altered")
	// ErrNoNft: the program nft is not installed.
	ErrNoNft = errors.New("nft is not installed")
)

// Ensure puts the wall up unless it is there unchanged. At no moment is there less of it than
// before: the table is replaced in one transaction. It may be called at any time and by several
// processes at once; it needs CAP_NET_ADMIN in the engine's network namespace.
func Ensure(ctx context.Context) error {
	if err := Check(ctx); !errors.Is(err, ErrMissing) && !errors.Is(err, ErrAltered) {
		return err
	}
	_, err := nft(ctx, ruleset(), "-f", "-")
	return err
}

// Check returns nil where the wall is up unchanged, ErrMissing, ErrAltered, or why it cannot be
// told.
func Check(ctx context.Context) error {
	found, err := list(ctx)
	if err != nil {
		return err
	}
	wanted, err := expected(ctx)
	if err != nil {
		return err
	}
	if found != wanted {
		return ErrAltered
	}
	return nil
}

// Probe returns nil where the wall could be put up, without doing so: the kernel has all that it
// needs and this process may use it.
func Probe(ctx context.Context) error {
	_, err := nft(ctx, ruleset(), "--check", "-f", "-")
	return err
}

// Remove takes the wall down, whatever its state. ErrMissing: there was none.
func Remove(ctx context.Context) error {
	if _, err := list(ctx); err != nil {
		return err
	}
	_, err := nft(ctx, "", "delete", "table", "inet", tableName)
	return err
}

func list(ctx context.Context) (string, error) {
	tables, err := nft(ctx, "", "list", "tables", "inet")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(tables) {
		if strings.TrimSpace(line) == "table inet "+tableName {
			return nft(ctx, "", "--stateless", "list", "table", "inet", tableName)
		}
	}
	return "", ErrMissing
}

// expected is how this nft lists the wall on this kernel: it is put up in a network namespace that
// has nothing else, and ends with the listing.
func expected(ctx context.Context) (text string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread, which is in the other namespace, ends with this goroutine.
		runtime.LockOSThread()
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			err = fmt.Errorf("a network namespace to compare with: %w", err)
			return
		}
		if _, err = nft(ctx, ruleset(), "-f", "-"); err == nil {
			text, err = list(ctx)
		}
	}()
	<-done
	return text, err
}

// nft runs nft(8) in the calling thread's network namespace and returns its standard output.
func nft(ctx context.Context, input string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "nft", args...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &stdout, &stderr
	err := command.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoNft
	case err != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return "", fmt.Errorf("nft %s: %w: %s", strings.Join(args, " "), err, first)
	}
	return stdout.String(), nil
}
