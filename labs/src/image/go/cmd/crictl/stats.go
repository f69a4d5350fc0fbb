package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"
	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func statsCommand(c *client) *cobra.Command {
	filter := &criapi.ContainerStatsFilter{}
	output := ""
	seconds := 1
	command := &cobra.Command{Use: "stats [ID]", Short: "List container(s) resource usage statistics", Args: cobra.MaximumNArgs(1)}
	command.Flags().StringVar(&filter.Id, "id", "", "Filter by container id")
	command.Flags().StringVarP(&filter.PodSandboxId, "pod", "p", "", "Filter by pod id")
	command.Flags().StringVarP(&output, "output", "o", "table", "Output format, One of: json|yaml|table")
	command.Flags().IntVarP(&seconds, "seconds", "s", seconds, "Sample duration for CPU usage in seconds")
	command.RunE = func(command *cobra.Command, args []string) error {
		if len(args) > 0 {
			filter.Id = args[0]
		}
		service, err := c.runtime(command.Context())
		if err != nil {
			return err
		}
		before, err := service.ListContainerStats(command.Context(), filter)
		if err != nil {
			return err
		}
		if output != "table" {
			value, err := list("stats", before)
			if err != nil {
				return err
			}
			return show(value, output, "")
		}
		earlier := map[string]*criapi.CpuUsage{}
		for _, m := range before {
			earlier[m.GetAttributes().GetId()] = m.GetCpu()
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		now, err := service.ListContainerStats(command.Context(), filter)
		if err != nil {
			return err
		}
		slices.SortFunc(now, func(a, b *criapi.ContainerStats) int {
			return strings.Compare(a.GetAttributes().GetId(), b.GetAttributes().GetId())
		})
		t := newTable("CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES")
		for _, m := range now {
			was, percent := earlier[m.GetAttributes().GetId()], 0.0
			if elapsed := m.GetCpu().GetTimestamp() - was.GetTimestamp(); was != nil && elapsed > 0 {
				used := m.GetCpu().GetUsageCoreNanoSeconds().GetValue() - was.GetUsageCoreNanoSeconds().GetValue()
				percent = float64(used) / float64(elapsed) * 100
			}
			layer := m.GetWritableLayer()
			t.row(short(m.GetAttributes().GetId()), m.GetAttributes().GetMetadata().GetName(), fmt.Sprintf("%.2f", percent),
				units.HumanSize(float64(m.GetMemory().GetWorkingSetBytes().GetValue())), units.HumanSize(float64(layer.GetUsedBytes().GetValue())),
				fmt.Sprint(layer.GetInodesUsed().GetValue()))
		}
		t.flush()
		return nil
	}
	return command
}
