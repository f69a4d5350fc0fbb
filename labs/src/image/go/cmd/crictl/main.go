// Command crictl looks into a node's container runtime, with the subcommands, options and columns
// that an administrator knows from the crictl of cri-tools, which cannot be built from a Go module.
// It speaks the Container Runtime Interface.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	internalapi "k8s.io/cri-api/pkg/apis"
	cri "k8s.io/cri-client/pkg"
	utilexec "k8s.io/utils/exec"
	"sigs.k8s.io/yaml"
)

// version is the Kubernetes minor version whose crictl this imitates.
const version = "v1.36.0"

const defaultEndpoint = "unix:///run/containerd/containerd.sock"

// settings are the global options, from the command line, the environment or /etc/crictl.yaml, in
// this order.
type settings struct {
	ConfigPath      string        `json:"-"`
	RuntimeEndpoint string        `json:"runtime-endpoint"`
	ImageEndpoint   string        `json:"image-endpoint"`
	TimeoutSeconds  int           `json:"timeout"`
	Timeout         time.Duration `json:"-"`
}

func (s *settings) load() error {
	text, err := os.ReadFile(s.ConfigPath)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var file settings
	if err := yaml.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", s.ConfigPath, err)
	}
	s.RuntimeEndpoint = cmp.Or(s.RuntimeEndpoint, os.Getenv("CONTAINER_RUNTIME_ENDPOINT"), file.RuntimeEndpoint, defaultEndpoint)
	s.ImageEndpoint = cmp.Or(s.ImageEndpoint, os.Getenv("IMAGE_SERVICE_ENDPOINT"), file.ImageEndpoint, s.RuntimeEndpoint)
	s.Timeout = cmp.Or(s.Timeout, time.Duration(file.TimeoutSeconds)*time.Second, 2*time.Second)
	return nil
}

// client connects to the runtime when it is first asked for.
type client struct{ settings settings }

func endpoint(text string) string {
	if strings.HasPrefix(text, "/") {
		return "unix://" + text
	}
	return text
}

func (c *client) runtime(ctx context.Context) (internalapi.RuntimeService, error) {
	service, err := cri.NewRemoteRuntimeService(ctx, endpoint(c.settings.RuntimeEndpoint), c.settings.Timeout, nil, false)
	if err != nil {
		return nil, fmt.Errorf("validate service connection: %w", err)
	}
	return service, nil
}

func (c *client) images(ctx context.Context) (internalapi.ImageManagerService, error) {
	service, err := cri.NewRemoteImageService(ctx, endpoint(c.settings.ImageEndpoint), c.settings.Timeout, nil, false)
	if err != nil {
		return nil, fmt.Errorf("validate service connection: %w", err)
	}
	return service, nil
}

func main() {
	c := &client{}
	root := &cobra.Command{
		Use: "crictl", Short: "client for CRI", Version: version, SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return c.settings.load() },
	}
	root.SetVersionTemplate("crictl version {{.Version}}\n")
	// As with the real one, global options come before the subcommand, whose own -i and -t mean
	// something else.
	root.TraverseChildren = true
	flags := root.Flags()
	flags.StringVarP(&c.settings.ConfigPath, "config", "c", "/etc/crictl.yaml", "Location of the client config file")
	flags.StringVarP(&c.settings.RuntimeEndpoint, "runtime-endpoint", "r", "", "Endpoint of CRI container runtime service (default: "+defaultEndpoint+")")
	flags.StringVarP(&c.settings.ImageEndpoint, "image-endpoint", "i", "", "Endpoint of CRI image manager service (default: the runtime endpoint)")
	flags.DurationVarP(&c.settings.Timeout, "timeout", "t", 0, "Timeout of connecting to the server (default: 2s)")
	flags.BoolP("debug", "D", false, "Enable debug mode")
	root.AddCommand(psCommand(c), podsCommand(c), imagesCommand(c), statsCommand(c), logsCommand(c), execCommand(c))
	root.AddCommand(inspectCommands(c)...)
	root.AddCommand(actionCommands(c)...)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	err := root.ExecuteContext(ctx)
	var exit utilexec.CodeExitError
	if errors.As(err, &exit) {
		os.Exit(exit.Code) // of the program that exec ran
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "FATA[0000] %v\n", err)
		os.Exit(1)
	}
}
