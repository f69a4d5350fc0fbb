package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is what /proc counts in on every Linux (USER_HZ).
const ticksPerSecond = 100

// process is one of the machine's, found in /proc.
type process struct {
	// pid on the machine, and on the node.
	pid, nodePID int
	name         string
	// startTicks since the machine's start.
	startTicks int64
}

func (p process) proc(parts ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(p.pid)}, parts...)...)
}

// processes finds all processes of the node, those of its containers too: the kernel says whose
// namespace a process is in, and no process can leave it.
func (n node) processes() ([]process, error) {
	own, err := namespaceOf(n.PID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	depth := len(namespacePIDs(n.PID))
	belongs := map[uint64]bool{own: true}
	found := []process{}
	folders, err := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		pid, _ := strconv.Atoi(filepath.Base(folder))
		inode, err := namespaceOf(pid)
		if err != nil {
			continue
		}
		inside, known := belongs[inode]
		if !known {
			inside = isBelow(pid, own)
			belongs[inode] = inside
		}
		if !inside {
			continue
		}
		one, alive := readProcess(pid)
		numbers := namespacePIDs(pid)
		if !alive || len(numbers) < depth {
			continue
		}
		one.nodePID = numbers[depth-1]
		found = append(found, one)
	}
	return found, err
}

func namespaceOf(pid int) (uint64, error) {
	var system unix.Stat_t
	err := unix.Stat(fmt.Sprintf("/proc/%d/ns/pid", pid), &system)
	return system.Ino, err
}

// isBelow tells whether a process lives in a namespace that was made inside another one
// (ioctl_ns(2)).
func isBelow(pid int, ancestor uint64) bool {
	file, err := unix.Open(fmt.Sprintf("/proc/%d/ns/pid", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	for err == nil {
		var system unix.Stat_t
		err = unix.Fstat(file, &system)
		if err == nil && system.Ino == ancestor {
			unix.Close(file)
			return true
		}
		parent := -1
		if err == nil {
			parent, err = unix.IoctlRetInt(file, unix.NS_GET_PARENT)
		}
		unix.Close(file)
		file = parent
	}
	return false
}

// namespacePIDs are a process' numbers, from the machine's namespace to its own.
func namespacePIDs(pid int) []int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, found := bytes.Cut(status, []byte("\nNSpid:"))
	if !found {
		return nil
	}
	line, _, _ := bytes.Cut(after, []byte("\n"))
	numbers := []int{}
	for _, field := range strings.Fields(string(line)) {
		number, _ := strconv.Atoi(field)
		numbers = append(numbers, number)
	}
	return numbers
}

// readProcess reads /proc/PID/stat (proc_pid_stat(5)): field 2 is the name in parentheses and may
// hold anything, field 3 the state, field 22 when it began.
func readProcess(pid int) (process, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if err != nil || open < 0 || end < open {
		return process{}, false
	}
	fields := strings.Fields(string(text[end+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return process{}, false
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	return process{pid: pid, name: string(text[open+1 : end]), startTicks: ticks}, err == nil
}

// ageMs is how long ago it began.
func (p process) ageMs() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	return now.Nano()/1e6 - p.startTicks*1000/ticksPerSecond
}

type namedProcess struct {
	// PID on the node.
	PID   int   `json:"pid"`
	AgeMs int64 `json:"ageMs"`
}

// processesNamed finds the processes that run a program of this name; the kernel knows 15
// characters of it.
func (n node) processesNamed(name string) ([]namedProcess, error) {
	all, err := n.processes()
	found := []namedProcess{}
	for _, one := range all {
		if one.name == name[:min(len(name), 15)] {
			found = append(found, namedProcess{one.nodePID, one.ageMs()})
		}
	}
	return found, err
}

type openFile struct {
	// Path as the process knows it, which may be another one on the node; ID as of a stat.
	Path string `json:"path"`
	ID   string `json:"id"`
}

// openFilesOf lists what the processes of a container, by its id, have open.
func (n node) openFilesOf(container string) ([]openFile, error) {
	processes, err := n.processesIn(container)
	found := []openFile{}
	for _, one := range processes {
		links, _ := filepath.Glob(one.proc("fd", "*"))
		for _, link := range links {
			path, err := os.Readlink(link)
			var system syscall.Stat_t
			if err == nil && syscall.Stat(link, &system) == nil {
				found = append(found, openFile{path, fileID(&system)})
			}
		}
	}
	return found, err
}
