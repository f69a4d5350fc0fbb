package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// bundles is where containerd keeps what it runs a container by.
const bundles = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/"

type container struct {
	ID string `json:"id"`
	// Pod's uid, from the control group that the kubelet made for it; empty for a container that is in
	// no pod.
	Pod string `json:"pod"`
	// Sandbox: the one that holds a pod's network, and runs no program of the pod's.
	Sandbox bool `json:"sandbox"`
	// Namespace, PodName and Name as the kubelet named them. They are for people: root on the node can
	// change them.
	Namespace string `json:"namespace"`
	PodName   string `json:"podName"`
	Name      string `json:"name"`
	// Programs that run in it, by name.
	Programs []string `json:"programs"`
	// AgeMs: of its oldest process.
	AgeMs int64 `json:"ageMs"`
}

var (
	containerID = regexp.MustCompile(`[0-9a-f]{64}`)
	podUID      = regexp.MustCompile(`pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})`)
)

// groupOf reads which container and pod a process belongs to, from its control groups.
func (n node) groupOf(p process) (id, pod string) {
	text, err := os.ReadFile(p.proc("cgroup"))
	if err != nil {
		return "", ""
	}
	for line := range strings.Lines(string(text)) {
		_, below, inside := strings.Cut(line, n.Container)
		if !inside {
			continue
		}
		if ids := containerID.FindAllString(below, -1); len(ids) > 0 {
			id = ids[len(ids)-1]
		}
		if match := podUID.FindStringSubmatch(below); match != nil {
			pod = strings.ReplaceAll(match[1], "_", "-")
		}
	}
	return id, pod
}

// containers lists those in which a process lives.
func (n node) containers() ([]container, error) {
	processes, err := n.processes()
	if err != nil {
		return nil, err
	}
	found := map[string]*container{}
	for _, one := range processes {
		id, pod := n.groupOf(one)
		if id == "" {
			continue
		}
		known := found[id]
		if known == nil {
			known = n.describe(id)
			known.Pod = pod
			found[id] = known
		}
		known.AgeMs = max(known.AgeMs, one.ageMs())
		if !slices.Contains(known.Programs, one.name) {
			known.Programs = append(known.Programs, one.name)
		}
	}
	list := []container{}
	for _, one := range found {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b container) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

func (n node) describe(id string) *container {
	result := &container{ID: id, Programs: []string{}}
	file, _, err := n.openFile(bundles + id + "/config.json")
	if err != nil {
		return result
	}
	defer file.Close()
	var spec struct {
		Annotations map[string]string `json:"annotations"`
	}
	if json.NewDecoder(io.LimitReader(file, mostRead)).Decode(&spec) == nil {
		result.Sandbox = spec.Annotations["io.kubernetes.cri.container-type"] == "sandbox"
		result.Namespace = spec.Annotations["io.kubernetes.cri.sandbox-namespace"]
		result.PodName = spec.Annotations["io.kubernetes.cri.sandbox-name"]
		result.Name = spec.Annotations["io.kubernetes.cri.container-name"]
	}
	return result
}

// processesIn finds the processes of a container.
func (n node) processesIn(container string) ([]process, error) {
	if len(container) < 12 {
		return nil, errUsage
	}
	all, err := n.processes()
	return slices.DeleteFunc(all, func(one process) bool {
		id, _ := n.groupOf(one)
		return !strings.HasPrefix(id, container)
	}), err
}

// networkOf names the network of a container, or the node's own where none is given.
func (n node) networkOf(container string) (string, error) {
	if container == "" {
		return n.proc("ns/net"), nil
	}
	processes, err := n.processesIn(container)
	if err != nil {
		return "", err
	}
	if len(processes) == 0 {
		return "", fmt.Errorf("%w: no process of container %s", errMissing, container)
	}
	return processes[0].proc("ns/net"), nil
}

// listenersOn tells in which containers the processes live that listen on a TCP port in a
// container's network: who it is that answers there. A process of the node that is in no container
// counts as "node".
func (n node) listenersOn(container string, port int) ([]string, error) {
	inside, err := n.processesIn(container)
	if err != nil {
		return nil, err
	}
	if len(inside) == 0 {
		return nil, fmt.Errorf("%w: no process of container %s", errMissing, container)
	}
	inodes := listeningSockets(inside[0], port)
	found := []string{}
	all, err := n.processes()
	for _, one := range all {
		if !holdsAny(one, inodes) {
			continue
		}
		id, _ := n.groupOf(one)
		if id == "" {
			id = "node"
		}
		if !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	return found, err
}

// listeningSockets reads the table of TCP sockets of a process' network (proc_pid_net(5)): state 0A
// listens.
func listeningSockets(p process, port int) map[string]bool {
	inodes := map[string]bool{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		text, _ := os.ReadFile(p.proc(table))
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 9 && fields[3] == "0A" && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				inodes["socket:["+fields[9]+"]"] = true
			}
		}
	}
	return inodes
}

func holdsAny(p process, sockets map[string]bool) bool {
	folder, err := os.Open(p.proc("fd"))
	if err != nil {
		return false
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	buffer := make([]byte, 64)
	for _, name := range names {
		size, err := unix.Readlinkat(int(folder.Fd()), name, buffer)
		if err == nil && sockets[string(buffer[:size])] {
			return true
		}
	}
	return false
}
