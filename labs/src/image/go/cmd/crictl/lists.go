package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"
	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const (
	podNameLabel      = "io.kubernetes.pod.name"
	podNamespaceLabel = "io.kubernetes.pod.namespace"
)

// listOptions are what ps, pods and images have in common.
type listOptions struct {
	quiet, noTrunc, latest, all   bool
	last                          int
	name, namespace, state, image string
	id, pod, output               string
	labels                        map[string]string
}

func (o *listOptions) addTo(command *cobra.Command) {
	flags := command.Flags()
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "Only display IDs")
	flags.BoolVar(&o.noTrunc, "no-trunc", false, "Show output without truncating the ID")
	flags.BoolVarP(&o.latest, "latest", "l", false, "Show the most recently created")
	flags.IntVarP(&o.last, "last", "n", 0, "Show last n recently created. Set 0 for unlimited")
	flags.StringVar(&o.name, "name", "", "filter by name regular expression pattern")
	flags.StringVarP(&o.state, "state", "s", "", "Filter by state")
	flags.StringVar(&o.id, "id", "", "Filter by id")
	flags.StringToStringVar(&o.labels, "label", nil, "Filter by key=value label")
	flags.StringVarP(&o.output, "output", "o", "table", "Output format, One of: json|yaml|table")
}

func (o *listOptions) id13(id string) string {
	if o.noTrunc {
		return id
	}
	return short(id)
}

// limit keeps the newest, when so asked.
func limit[T any](o *listOptions, items []T, created func(T) int64) []T {
	slices.SortStableFunc(items, func(a, b T) int { return cmp.Compare(created(b), created(a)) })
	if o.latest {
		o.last = 1
	}
	if o.last > 0 {
		items = items[:min(o.last, len(items))]
	}
	return items
}

func psCommand(c *client) *cobra.Command {
	o := &listOptions{}
	command := &cobra.Command{Use: "ps", Aliases: []string{"container"}, Short: "List containers", Args: cobra.NoArgs}
	o.addTo(command)
	command.Flags().BoolVarP(&o.all, "all", "a", false, "Show all containers")
	command.Flags().StringVarP(&o.pod, "pod", "p", "", "Filter by pod id")
	command.Flags().StringVar(&o.image, "image", "", "Filter by container image")
	command.Flags().StringVar(&o.namespace, "namespace", "", "Filter by pod namespace regular expression pattern")
	command.RunE = func(command *cobra.Command, _ []string) error {
		service, err := c.runtime(command.Context())
		if err != nil {
			return err
		}
		filter := &criapi.ContainerFilter{Id: o.id, PodSandboxId: o.pod, LabelSelector: o.labels}
		if state, known := criapi.ContainerState_value["CONTAINER_"+strings.ToUpper(o.state)]; known {
			filter.State = &criapi.ContainerStateValue{State: criapi.ContainerState(state)}
		} else if o.state != "" {
			return fmt.Errorf("--state should be one of created, running, exited or unknown")
		} else if !o.all && !o.latest && o.last == 0 && o.id == "" {
			filter.State = &criapi.ContainerStateValue{State: criapi.ContainerState_CONTAINER_RUNNING}
		}
		containers, err := service.ListContainers(command.Context(), filter)
		if err != nil {
			return err
		}
		containers, err = keep(containers, func(m *criapi.Container) []string {
			return []string{m.GetMetadata().GetName(), m.GetLabels()[podNamespaceLabel]}
		}, o.name, o.namespace)
		if err != nil {
			return err
		}
		containers = slices.DeleteFunc(containers, func(m *criapi.Container) bool {
			return o.image != "" && !strings.Contains(m.GetImage().GetImage(), o.image) && !strings.Contains(m.GetImageRef(), o.image)
		})
		return printContainers(o, limit(o, containers, (*criapi.Container).GetCreatedAt))
	}
	return command
}

func printContainers(o *listOptions, containers []*criapi.Container) error {
	if o.quiet {
		for _, m := range containers {
			fmt.Println(m.GetId())
		}
		return nil
	}
	if o.output != "table" {
		value, err := list("containers", containers)
		if err != nil {
			return err
		}
		return show(value, o.output, "")
	}
	t := newTable("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")
	for _, m := range containers {
		t.row(o.id13(m.GetId()), o.id13(m.GetImage().GetImage()), ago(m.GetCreatedAt()), capitalized(m.GetState().String(), "CONTAINER_"),
			m.GetMetadata().GetName(), fmt.Sprint(m.GetMetadata().GetAttempt()), o.id13(m.GetPodSandboxId()),
			cmp.Or(m.GetLabels()[podNameLabel], "unknown"), cmp.Or(m.GetLabels()[podNamespaceLabel], "unknown"))
	}
	t.flush()
	return nil
}

// keep drops what does not match the patterns, each for the text of the same place.
func keep[T any](items []T, texts func(T) []string, patterns ...string) ([]T, error) {
	for i, pattern := range patterns {
		expression, err := regexp.Compile(pattern)
		if err != nil {
			return nil, err
		}
		items = slices.DeleteFunc(items, func(item T) bool { return !expression.MatchString(texts(item)[i]) })
	}
	return items, nil
}

// capitalized makes Running of CONTAINER_RUNNING.
func capitalized(text, prefix string) string {
	text = strings.TrimPrefix(text, prefix)
	return text[:1] + strings.ToLower(text[1:])
}

func podsCommand(c *client) *cobra.Command {
	o := &listOptions{}
	command := &cobra.Command{Use: "pods", Short: "List pods", Args: cobra.NoArgs}
	o.addTo(command)
	command.Flags().StringVar(&o.namespace, "namespace", "", "filter by namespace regular expression pattern")
	command.RunE = func(command *cobra.Command, _ []string) error {
		service, err := c.runtime(command.Context())
		if err != nil {
			return err
		}
		filter := &criapi.PodSandboxFilter{Id: o.id, LabelSelector: o.labels}
		if state, known := criapi.PodSandboxState_value["SANDBOX_"+strings.ToUpper(o.state)]; known {
			filter.State = &criapi.PodSandboxStateValue{State: criapi.PodSandboxState(state)}
		} else if o.state != "" {
			return fmt.Errorf("--state should be ready or notready")
		}
		pods, err := service.ListPodSandbox(command.Context(), filter)
		if err != nil {
			return err
		}
		pods, err = keep(pods, func(m *criapi.PodSandbox) []string {
			return []string{m.GetMetadata().GetName(), m.GetMetadata().GetNamespace()}
		}, o.name, o.namespace)
		if err != nil {
			return err
		}
		return printPods(o, limit(o, pods, (*criapi.PodSandbox).GetCreatedAt))
	}
	return command
}

func printPods(o *listOptions, pods []*criapi.PodSandbox) error {
	if o.quiet {
		for _, m := range pods {
			fmt.Println(m.GetId())
		}
		return nil
	}
	if o.output != "table" {
		value, err := list("items", pods)
		if err != nil {
			return err
		}
		return show(value, o.output, "")
	}
	t := newTable("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")
	for _, m := range pods {
		state := map[criapi.PodSandboxState]string{criapi.PodSandboxState_SANDBOX_READY: "Ready"}[m.GetState()]
		t.row(o.id13(m.GetId()), ago(m.GetCreatedAt()), cmp.Or(state, "NotReady"), m.GetMetadata().GetName(), m.GetMetadata().GetNamespace(),
			fmt.Sprint(m.GetMetadata().GetAttempt()), cmp.Or(m.GetRuntimeHandler(), "(default)"))
	}
	t.flush()
	return nil
}

func imagesCommand(c *client) *cobra.Command {
	o := &listOptions{}
	digests := false
	command := &cobra.Command{Use: "images [REPOSITORY[:TAG]]", Aliases: []string{"image", "img"}, Short: "List images", Args: cobra.MaximumNArgs(1)}
	flags := command.Flags()
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "Only show image IDs")
	flags.BoolVar(&o.noTrunc, "no-trunc", false, "Show output without truncating the ID")
	flags.BoolVar(&digests, "digests", false, "Show digests")
	flags.StringVarP(&o.output, "output", "o", "table", "Output format, One of: json|yaml|table")
	command.RunE = func(command *cobra.Command, args []string) error {
		service, err := c.images(command.Context())
		if err != nil {
			return err
		}
		filter := &criapi.ImageFilter{}
		if len(args) > 0 {
			filter.Image = &criapi.ImageSpec{Image: args[0]}
		}
		images, err := service.ListImages(command.Context(), filter)
		if err != nil {
			return err
		}
		if o.output != "table" && !o.quiet {
			value, err := list("images", images)
			if err != nil {
				return err
			}
			return show(value, o.output, "")
		}
		return printImages(o, images, digests)
	}
	return command
}

func printImages(o *listOptions, images []*criapi.Image, digests bool) error {
	type line struct{ repository, tag, digest, id, size string }
	var lines []line
	for _, image := range images {
		if o.quiet {
			fmt.Println(image.GetId())
			continue
		}
		l := line{"<none>", "<none>", "<none>", o.id13(image.GetId()), units.HumanSizeWithPrecision(float64(image.GetSize()), 3)}
		for _, digest := range image.GetRepoDigests() {
			l.repository, l.digest, _ = strings.Cut(digest, "@")
		}
		if len(image.GetRepoTags()) == 0 {
			lines = append(lines, l)
		}
		for _, name := range image.GetRepoTags() {
			at := strings.LastIndexByte(name, ':')
			l.repository, l.tag = name[:max(at, 0)], name[at+1:]
			lines = append(lines, l)
		}
	}
	if o.quiet {
		return nil
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.repository, b.repository), cmp.Compare(a.tag, b.tag)) })
	header := []string{"IMAGE", "TAG", "IMAGE ID", "SIZE"}
	if digests {
		header = []string{"IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE"}
	}
	t := newTable(header...)
	for _, l := range lines {
		cells := []string{l.repository, l.tag, l.id, l.size}
		if digests {
			cells = []string{l.repository, l.tag, o.id13(l.digest), l.id, l.size}
		}
		t.row(cells...)
	}
	t.flush()
	return nil
}
