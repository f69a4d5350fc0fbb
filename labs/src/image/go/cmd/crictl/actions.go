package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// actionCommands are the commands that change something.
func actionCommands(c *client) []*cobra.Command {
	var graceSeconds int64
	var force, all, prune bool
	stop := eachID("stop CONTAINER-ID...", "Stop one or more running containers", nil, func(ctx context.Context, id string) (string, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return "", err
		}
		return id, service.StopContainer(ctx, id, graceSeconds)
	})
	stop.Flags().Int64Var(&graceSeconds, "timeout", 0, "Seconds to wait to kill the container after a graceful stop is requested")
	remove := eachID("rm CONTAINER-ID...", "Remove one or more containers", c.allContainers(&all), func(ctx context.Context, id string) (string, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return "", err
		}
		if response, err := service.ContainerStatus(ctx, id, false); err != nil {
			return "", err
		} else if response.GetStatus().GetState() == criapi.ContainerState_CONTAINER_RUNNING {
			if !force {
				return "", fmt.Errorf("container %q is running, please stop it first", id)
			}
			if err := service.StopContainer(ctx, id, 0); err != nil {
				return "", err
			}
		}
		return id, service.RemoveContainer(ctx, id)
	})
	remove.Flags().BoolVarP(&force, "force", "f", false, "Force removal of the container, disregarding if running")
	remove.Flags().BoolVarP(&all, "all", "a", false, "Remove all containers")
	stopPod := eachID("stopp POD-ID...", "Stop one or more running pods", nil, func(ctx context.Context, id string) (string, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return "", err
		}
		return "Stopped sandbox " + id, service.StopPodSandbox(ctx, id)
	})
	removePod := eachID("rmp POD-ID...", "Remove one or more pods", c.allPods(&all), func(ctx context.Context, id string) (string, error) {
		service, err := c.runtime(ctx)
		if err != nil {
			return "", err
		}
		if response, err := service.PodSandboxStatus(ctx, id, false); err != nil {
			return "", err
		} else if response.GetStatus().GetState() == criapi.PodSandboxState_SANDBOX_READY {
			if !force {
				return "", fmt.Errorf("pod sandbox %q is running, please stop it first", id)
			}
			if err := service.StopPodSandbox(ctx, id); err != nil {
				return "", err
			}
		}
		return "Removed sandbox " + id, service.RemovePodSandbox(ctx, id)
	})
	removePod.Flags().BoolVarP(&force, "force", "f", false, "Force removal of the pod sandbox, disregarding if running")
	removePod.Flags().BoolVarP(&all, "all", "a", false, "Remove all pods")
	removeImage := eachID("rmi IMAGE-ID...", "Remove one or more images", c.unwantedImages(&all, &prune), func(ctx context.Context, id string) (string, error) {
		service, err := c.images(ctx)
		if err != nil {
			return "", err
		}
		response, err := service.ImageStatus(ctx, &criapi.ImageSpec{Image: id}, false)
		if err != nil {
			return "", err
		}
		if response.GetImage() == nil {
			return "", fmt.Errorf("no such image %s", id)
		}
		names := ""
		for _, tag := range append(response.GetImage().GetRepoTags(), "") {
			if tag != "" {
				names += "Deleted: " + tag + "\n"
			}
		}
		return names + "Deleted: " + response.GetImage().GetId(), service.RemoveImage(ctx, &criapi.ImageSpec{Image: id})
	})
	removeImage.Flags().BoolVarP(&all, "all", "a", false, "Remove all images")
	removeImage.Flags().BoolVarP(&prune, "prune", "q", false, "Remove all unused images")
	pull := eachID("pull NAME[:TAG|@DIGEST]", "Pull an image from a registry", nil, func(ctx context.Context, name string) (string, error) {
		service, err := c.images(ctx)
		if err != nil {
			return "", err
		}
		reference, err := service.PullImage(ctx, &criapi.ImageSpec{Image: name}, nil, nil)
		return "Image is up to date for " + reference, err
	})
	return []*cobra.Command{stop, remove, stopPod, removePod, removeImage, pull}
}

// eachID is a command that does one thing to each of its arguments, or of what everything gives
// when there are none, and goes on after a failure.
func eachID(use, summary string, everything func(context.Context) ([]string, error), act func(context.Context, string) (string, error)) *cobra.Command {
	return &cobra.Command{Use: use, Short: summary, RunE: func(command *cobra.Command, ids []string) (err error) {
		if len(ids) == 0 && everything != nil {
			if ids, err = everything(command.Context()); err != nil {
				return err
			}
		}
		if len(ids) == 0 && everything == nil {
			return errors.New("ID cannot be empty")
		}
		for _, id := range ids {
			text, e := act(command.Context(), id)
			if e == nil {
				fmt.Println(text)
			}
			err = errors.Join(err, e)
		}
		return err
	}}
}

func (c *client) allContainers(all *bool) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (ids []string, err error) {
		if !*all {
			return nil, errors.New("ID cannot be empty")
		}
		service, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		containers, err := service.ListContainers(ctx, nil)
		for _, m := range containers {
			ids = append(ids, m.GetId())
		}
		return ids, err
	}
}

func (c *client) allPods(all *bool) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (ids []string, err error) {
		if !*all {
			return nil, errors.New("ID cannot be empty")
		}
		service, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		pods, err := service.ListPodSandbox(ctx, nil)
		for _, m := range pods {
			ids = append(ids, m.GetId())
		}
		return ids, err
	}
}

// unwantedImages gives all images, or those that no container uses.
func (c *client) unwantedImages(all, prune *bool) func(context.Context) ([]string, error) {
	return func(ctx context.Context) (ids []string, err error) {
		if !*all && !*prune {
			return nil, errors.New("ID cannot be empty")
		}
		service, err := c.images(ctx)
		if err != nil {
			return nil, err
		}
		runtime, err := c.runtime(ctx)
		if err != nil {
			return nil, err
		}
		containers, err := runtime.ListContainers(ctx, nil)
		if err != nil {
			return nil, err
		}
		used := map[string]bool{}
		for _, m := range containers {
			used[m.GetImageId()], used[m.GetImageRef()], used[m.GetImage().GetImage()] = true, true, true
		}
		images, err := service.ListImages(ctx, nil)
		for _, image := range images {
			if *all || !used[image.GetId()] && !image.GetPinned() {
				ids = append(ids, image.GetId())
			}
		}
		return ids, err
	}
}
