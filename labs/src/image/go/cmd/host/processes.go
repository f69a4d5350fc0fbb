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

type process struct {
	PID int `json:"pid"`
	// AgeMs: how long ago it began.
	AgeMs int64 `json:"ageMs"`
}

// ticksPerSecond is what /proc counts in on every Linux (USER_HZ).
const ticksPerSecond = 100

// processesNamed finds the processes that run a program of this name; the kernel knows 15 characters of it.
func processesNamed(name string) ([]process, error) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return nil, err
	}
	found := []process{}
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// Field 2 is the name in parentheses and may hold anything; the ticks from boot to its start are field 22 (proc_pid_stat(5)).
		open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
		fields := strings.Fields(string(text[end+1:]))
		if string(text[open+1:end]) != name[:min(len(name), 15)] || len(fields) < 20 || fields[0] == "Z" {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		ticks, err := strconv.ParseInt(fields[19], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = append(found, process{pid, now.Nano()/1e6 - ticks*1000/ticksPerSecond})
	}
	return found, err
}

type openFile struct {
	// Path as the process knows it, which may be another one on the host; ID as of a stat.
	Path string `json:"path"`
	ID   string `json:"id"`
}

// openFilesOf lists what the processes of a container, by its id, have open.
func openFilesOf(container string) ([]openFile, error) {
	if len(container) < 8 {
		return nil, errUsage
	}
	processes, err := processesIn(container)
	found := []openFile{}
	for _, process := range processes {
		links, _ := filepath.Glob(process + "/fd/*")
		for _, link := range links {
			path, err := os.Readlink(link)
			if err != nil {
				continue
			}
			var system syscall.Stat_t
			if syscall.Stat(link, &system) == nil {
				found = append(found, openFile{path, fileID(&system)})
			}
		}
	}
	return found, err
}

// processesIn finds the processes of a container by their control group: their folders in /proc.
func processesIn(container string) ([]string, error) {
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	found := []string{}
	for _, path := range groups {
		if text, err := os.ReadFile(path); err == nil && bytes.Contains(text, []byte(container)) {
			found = append(found, filepath.Dir(path))
		}
	}
	return found, err
}
