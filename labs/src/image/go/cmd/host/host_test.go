package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func serve(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestGetHandsOnStatusBodyAndHeaders(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Host+" "+r.Header.Get("X-Colour"), http.StatusTeapot)
	})
	headers := headerFlags{}
	for _, header := range []string{"Host: shop.example", "X-Colour: blue"} {
		if err := headers.Set(header); err != nil {
			t.Fatal(err)
		}
	}
	got := get(url, headers, time.Second)
	if !got.Answered || got.Status != http.StatusTeapot || got.Body != "shop.example blue\n" {
		t.Errorf("%+v", got)
	}
}

func TestGetFollowsNoRedirectAndNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	})
	if got := get(url, nil, time.Second); got.Status != http.StatusFound {
		t.Errorf("%+v", got)
	}
}

func TestGetNamesWhyThereIsNoAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	hanging := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for url, expected := range map[string]string{"http://" + closed: "refused", hanging: "timeout", cut: "cut off"} {
		if got := get(url, nil, 200*time.Millisecond); got.Answered || got.Error != expected {
			t.Errorf("%s: expected %s, got %+v", url, expected, got)
		}
	}
}

func TestPollCountsFailuresUntilItIsStopped(t *testing.T) {
	var asked atomic.Int32
	enough := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			panic(http.ErrAbortHandler)
		case 5:
			close(enough)
		}
	})
	ended := make(chan polled)
	go func() {
		result, err := poll("test", url, time.Second, time.Millisecond, time.Minute)
		if err != nil {
			t.Error(err)
		}
		ended <- result
	}()
	<-enough
	if err := stopPoll("test"); err != nil {
		t.Fatal(err)
	}
	result := <-ended
	if result.Total < 5 || len(result.Failures) != 2 || result.Failures[0].Status != 503 || result.Failures[1].Error != "cut off" {
		t.Errorf("%+v", result)
	}
	if err := stopPoll("test"); err == nil {
		t.Error("a poll that has ended can be stopped again")
	}
}

func TestPollEndsByItself(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	result, err := poll("brief", url, time.Second, time.Millisecond, 50*time.Millisecond)
	if err != nil || result.Total == 0 || result.DurationMs > 1000 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestStatTellsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if err := os.WriteFile(path, []byte("abc"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	got, err := statFile(link)
	if err != nil || got.Type != "file" || got.Mode != "640" || got.SizeBytes != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := statFile(dir); err != nil || got.Type != "directory" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, nothing := range []string{dir + "/nothing", path + "/below"} {
		if _, err := statFile(nothing); !errors.Is(err, errMissing) {
			t.Errorf("%s: %v", nothing, err)
		}
		if err := readFile(nothing); !errors.Is(err, errMissing) {
			t.Errorf("%s: %v", nothing, err)
		}
	}
}

func TestFilesAreToldFromWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, pipe, dir + "/nothing"} {
		if _, err := digestFile(path, 0); !errors.Is(err, errMissing) {
			t.Errorf("digest of %s: %v", path, err)
		}
		if _, err := countIn(path, "x"); !errors.Is(err, errMissing) {
			t.Errorf("count in %s: %v", path, err)
		}
		if err := readFile(path); !errors.Is(err, errMissing) {
			t.Errorf("read of %s: %v", path, err)
		}
	}
}

func TestDigestLeavesOutTheLastBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	content := []byte("abcXYZ")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for last, expected := range map[int64]string{0: "", 3: "58595a", 6: "61626358595a", 9: "61626358595a"} {
		sum := sha256.Sum256(content[:max(0, 6-last)])
		got, err := digestFile(path, last)
		if err != nil || got.Last != expected || got.Sha256 != hex.EncodeToString(sum[:]) || got.SizeBytes != 6 {
			t.Errorf("%d: %+v, %v", last, got, err)
		}
	}
}

func TestCountIsOfBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("\x00\xffab\nab\xfea"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, expected := range map[string]int{"ab": 2, "a": 3, "abc": 0} {
		if got, err := countIn(path, text); err != nil || got.Count != expected {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestStatTellsLinksAgesAndWhatIsTheSameFile(t *testing.T) {
	dir := t.TempDir()
	path, other, link := filepath.Join(dir, "file"), filepath.Join(dir, "other"), filepath.Join(dir, "link")
	for _, one := range []string{path, other} {
		if err := os.WriteFile(one, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	byPath, byLink, another := mustStat(t, path), mustStat(t, link), mustStat(t, other)
	if byPath.ID != byLink.ID || byPath.ID == another.ID {
		t.Errorf("ids: %s, %s, %s", byPath.ID, byLink.ID, another.ID)
	}
	if byPath.IsLink || !byLink.IsLink {
		t.Errorf("links: %v, %v", byPath.IsLink, byLink.IsLink)
	}
	if byPath.ModifiedMs != 0 || byPath.ChangedAgeMs < 0 || byPath.ChangedAgeMs > 60_000 || byPath.CreatedAgeMs > 60_000 {
		t.Errorf("ages: %+v", byPath)
	}
}

func mustStat(t *testing.T, path string) fileStat {
	t.Helper()
	got, err := statFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestProcessesAreFoundByTheNameOfTheirProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "a name) longer than the kernel's")
	sleep, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, sleep, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	found, err := processesNamed(filepath.Base(program))
	if err != nil || len(found) != 1 || found[0].PID != command.Process.Pid || found[0].AgeMs < -10 || found[0].AgeMs > 60_000 {
		t.Errorf("%+v, %v", found, err)
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	if found, err := processesNamed(filepath.Base(program)); err != nil || len(found) != 0 {
		t.Errorf("afterwards: %+v, %v", found, err)
	}
}

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
