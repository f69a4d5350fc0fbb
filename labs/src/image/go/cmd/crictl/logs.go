package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cri-client/pkg/logs"
)

func logsCommand(c *client) *cobra.Command {
	var follow, timestamps, previous bool
	var tail, limitBytes int64
	var since string
	command := &cobra.Command{Use: "logs CONTAINER-ID", Aliases: []string{"log"}, Short: "Fetch the logs of a container", Args: cobra.ExactArgs(1)}
	flags := command.Flags()
	flags.BoolVarP(&follow, "follow", "f", false, "Follow log output")
	flags.BoolVarP(&timestamps, "timestamps", "T", false, "Show timestamps")
	flags.BoolVarP(&previous, "previous", "p", false, "Print the logs for the previous instance of the container in a pod if exists")
	flags.Int64Var(&tail, "tail", -1, "Number of lines to show from the end of the logs. Defaults to all")
	flags.Int64Var(&limitBytes, "limit-bytes", -1, "Maximum bytes of logs to return. Defaults to no limit")
	flags.StringVar(&since, "since", "", "Show logs since timestamp (e.g. 2013-01-02T13:23:37) or relative (e.g. 42m for 42 minutes)")
	command.RunE = func(command *cobra.Command, args []string) error {
		ctx := command.Context()
		service, err := c.runtime(ctx)
		if err != nil {
			return err
		}
		response, err := service.ContainerStatus(ctx, args[0], false)
		if err != nil {
			return err
		}
		status := response.GetStatus()
		path := status.GetLogPath()
		if path == "" {
			return fmt.Errorf("the container has not set log path")
		}
		if previous {
			if status.GetMetadata().GetAttempt() == 0 {
				return fmt.Errorf("previous terminated container %q not found", status.GetMetadata().GetName())
			}
			path = filepath.Join(filepath.Dir(path), fmt.Sprintf("%d.log", status.GetMetadata().GetAttempt()-1))
		}
		options := &logs.LogOptions{Follow: follow && !previous, Timestamp: timestamps}
		if tail >= 0 {
			options.TailLines = &tail
		}
		if limitBytes >= 0 {
			options.LimitBytes = &limitBytes
		}
		if since != "" {
			if options.Since, err = parseSince(since, time.Now()); err != nil {
				return err
			}
		}
		return logs.ReadLogs(ctx, path, status.GetId(), options, service, os.Stdout, os.Stderr)
	}
	return command
}

// parseSince reads a duration before now, or a point in time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q is neither a duration nor a time", text)
}
