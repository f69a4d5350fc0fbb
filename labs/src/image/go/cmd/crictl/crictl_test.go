package main

import (
	"os"
	"testing"
	"time"

	criapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestIdentifiersAreCutAndNamesAreNot(t *testing.T) {
	cases := map[string]string{
		"sha256:0123456789abcdef0123": "0123456789abc", "0123456789abcdef0123": "0123456789abc",
		"registry.k8s.io/pause:3.10": "registry.k8s.io/pause:3.10", "abc": "abc",
	}
	for id, want := range cases {
		if got := short(id); got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestTheRuntimeIsFoundInFlagEnvironmentFileAndDefault(t *testing.T) {
	path := t.TempDir() + "/crictl.yaml"
	if err := os.WriteFile(path, []byte("runtime-endpoint: unix:///file.sock\ntimeout: 7\ndebug: false\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flag, environment, path, want string }{
		{"unix:///flag.sock", "unix:///env.sock", path, "unix:///flag.sock"},
		{"", "unix:///env.sock", path, "unix:///env.sock"},
		{"", "", path, "unix:///file.sock"},
		{"", "", "/does/not/exist", defaultEndpoint},
	} {
		t.Setenv("CONTAINER_RUNTIME_ENDPOINT", c.environment)
		s := settings{ConfigPath: c.path, RuntimeEndpoint: c.flag}
		if err := s.load(); err != nil || s.RuntimeEndpoint != c.want || s.ImageEndpoint != c.want {
			t.Errorf("%+v: %+v %v", c, s, err)
		}
		if c.path == path && s.Timeout != 7*time.Second {
			t.Errorf("timeout %v", s.Timeout)
		}
	}
}

func TestInspectShowsInformationAsJSONAndTimesAsText(t *testing.T) {
	value, err := withInfo(&criapi.ContainerStatus{Id: "x", CreatedAt: 1_000_000_000}, map[string]string{"info": `{"pid":7}`, "note": "plain"})
	if err != nil {
		t.Fatal(err)
	}
	if created := value["status"].(map[string]any)["createdAt"]; created != "1970-01-01T00:00:01Z" {
		t.Errorf("createdAt %v", created)
	}
	if value["note"] != "plain" {
		t.Errorf("note %v", value["note"])
	}
	if err := show(value, "go-template", "{{.info.pid}}"); err != nil {
		t.Error(err)
	}
}

func TestSinceIsADurationOrATime(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if at, err := parseSince("42m", now); err != nil || !at.Equal(now.Add(-42*time.Minute)) {
		t.Errorf("42m: %v %v", at, err)
	}
	if at, err := parseSince("2026-01-01T00:00:00Z", now); err != nil || at.Year() != 2026 {
		t.Errorf("time: %v %v", at, err)
	}
	if _, err := parseSince("yesterday", now); err == nil {
		t.Error("yesterday was taken")
	}
}
