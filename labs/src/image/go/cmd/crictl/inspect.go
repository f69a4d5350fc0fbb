package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// inspectCommands are the commands that print what the runtime knows of one thing, or of itself.
func inspectCommands(c *client) []*cobra.Command {
	container := func(ctx context.Context, id string) (map[string]any, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		response, err := service.ContainerStatus(ctx, id, true)
		if err != nil {
			return nil, err
		}
		return withInfo(response.GetStatus(), response.GetInfo())
	}
	pod := func(ctx context.Context, id string) (map[string]any, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		response, err := service.PodSandboxStatus(ctx, id, true)
		if err != nil {
			return nil, err
		}
		return withInfo(response.GetStatus(), response.GetInfo())
	}
	image := func(ctx context.Context, id string) (map[string]any, error) {
		service, err := c.images(ctx)
		if err != nil {
			return nil, err
		}
		response, err := service.ImageStatus(ctx, &criapi.ImageSpec{Image: id}, true)
		if err != nil {
			return nil, err
		}
		if response.GetImage() == nil {
			return nil, fmt.Errorf("no such image %q present", id)
		}
		return withInfo(response.GetImage(), response.GetInfo())
	}
	runtime := func(ctx context.Context, _ string) (map[string]any, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		response, err := service.Status(ctx, true)
		if err != nil {
			return nil, err
		}
		return withInfo(response.GetStatus(), response.GetInfo())
	}
	info := inspection("info", "Display information of the container runtime", runtime)
	info.Args = cobra.NoArgs
	return []*cobra.Command{
		inspection("inspect CONTAINER-ID...", "Display the status of one or more containers", container),
		inspection("inspectp POD-ID...", "Display the status of one or more pods", pod),
		inspection("inspecti IMAGE-ID...", "Return the status of one or more images", image),
		info,
		versionCommand(c),
	}
}

// inspection is a command that shows one value for each of its arguments.
func inspection(use, summary string, get func(context.Context, string) (map[string]any, error)) *cobra.Command {
	output, template := "", ""
	command := &cobra.Command{Use: use, Short: summary, Args: cobra.MinimumNArgs(1)}
	command.Flags().StringVarP(&output, "output", "o", "json", "Output format, One of: json|yaml|go-template")
	command.Flags().StringVar(&template, "template", "", "The template string is only used when output is go-template")
	command.Flags().BoolP("quiet", "q", false, "Accepted for compatibility")
	command.RunE = func(command *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{""}
		}
		for _, id := range args {
			value, err := get(command.Context(), id)
			if err != nil {
				return err
			}
			if err := show(value, output, template); err != nil {
				return err
			}
		}
		return nil
	}
	return command
}

func versionCommand(c *client) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Display runtime version information", Args: cobra.NoArgs, RunE: func(command *cobra.Command, _ []string) error {
		service, err := c.runtime(command.Context())
		if err != nil {
			return err
		}
		v, err := service.Version(command.Context(), "v1")
		if err != nil {
			return err
		}
		fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n",
			v.GetVersion(), v.GetRuntimeName(), v.GetRuntimeVersion(), v.GetRuntimeApiVersion())
		return nil
	}}
}
