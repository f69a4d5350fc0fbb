package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestExecuteEndsTheProgramAndWhatItStarted(t *testing.T) {
	for _, one := range []struct {
		script string
		status int
	}{{"exit 7", 7}, {"kill -9 $$", 137}} {
		if got := execute([]string{"/bin/sh", "-c", one.script}, nil, time.Minute); got != one.status {
			t.Errorf("%s: %d", one.script, got)
		}
	}
	if got := execute([]string{"/no/such/program"}, nil, time.Minute); got != notFound {
		t.Errorf("no program: %d", got)
	}
	t.Setenv("LD_PRELOAD", "/tmp/evil.so")
	clean := "test -z \"$LD_PRELOAD\" && test $ANSWER = 42"
	if got := execute([]string{"sh", "-c", clean}, []string{"ANSWER=42", "PATH=/usr/bin:/bin"}, time.Minute); got != 0 {
		t.Errorf("environment: %d", got)
	}
	fifo := filepath.Join(t.TempDir(), "pid")
	if got := execute([]string{"/bin/sh", "-c", "sleep 600 & echo $! >" + fifo + "; wait"}, nil, 200*time.Millisecond); got != outOfTime {
		t.Errorf("out of time: %d", got)
	}
	pid, err := os.ReadFile(fifo)
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		text, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil {
			return "gone"
		}
		return strings.Fields(string(text))[2]
	}
	// Whoever inherits it may take a moment to collect it.
	for end := time.Now().Add(5 * time.Second); state() != "gone" && state() != "Z" && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if now := state(); now != "gone" && now != "Z" {
		t.Errorf("what the program started is still there: %s", now)
	}
}
