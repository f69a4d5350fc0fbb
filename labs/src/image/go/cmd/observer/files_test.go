package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// itself is this process as a node: its root is the machine's.
var itself = node{PID: os.Getpid(), Container: "0123456789abcdef"}

func write(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustStat(t *testing.T, n node, path string) fileStat {
	t.Helper()
	got, err := n.statFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestStatTellsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "key"), "abc", 0o640)
	if got := mustStat(t, itself, path); got.Type != "file" || got.Mode != "640" || got.SizeBytes != 3 || got.Owner != "root" {
		t.Errorf("%+v", got)
	}
	if got := mustStat(t, itself, dir); got.Type != "directory" {
		t.Errorf("%+v", got)
	}
}

func TestFilesAreToldFromWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	below := write(t, filepath.Join(dir, "file"), "", 0o600) + "/below"
	for _, path := range []string{dir, pipe, dir + "/nothing", below} {
		if _, err := itself.digestFile(path, 0); !errors.Is(err, errMissing) {
			t.Errorf("digest of %s: %v", path, err)
		}
		if _, err := itself.countIn(path, "x"); !errors.Is(err, errMissing) {
			t.Errorf("count in %s: %v", path, err)
		}
		if _, err := itself.readFile(path); !errors.Is(err, errMissing) {
			t.Errorf("read of %s: %v", path, err)
		}
	}
}

func TestDigestLeavesOutTheLastBytes(t *testing.T) {
	content := "abcXYZ"
	path := write(t, filepath.Join(t.TempDir(), "file"), content, 0o600)
	for last, expected := range map[int64]string{0: "", 3: "58595a", 6: "61626358595a", 9: "61626358595a"} {
		sum := sha256.Sum256([]byte(content[:max(0, 6-last)]))
		got, err := itself.digestFile(path, last)
		if err != nil || got.Last != expected || got.Sha256 != hex.EncodeToString(sum[:]) || got.SizeBytes != 6 {
			t.Errorf("%d: %+v, %v", last, got, err)
		}
	}
}

func TestCountIsOfBytes(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "file"), "\x00\xffab\nab\xfea", 0o600)
	for text, expected := range map[string]int{"ab": 2, "a": 3, "abc": 0} {
		if got, err := itself.countIn(path, text); err != nil || got.Count != expected {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestStatTellsLinksAgesAndWhatIsTheSameFile(t *testing.T) {
	dir := t.TempDir()
	path, other := write(t, filepath.Join(dir, "file"), "", 0o600), write(t, filepath.Join(dir, "other"), "", 0o600)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	byPath, byLink, another := mustStat(t, itself, path), mustStat(t, itself, link), mustStat(t, itself, other)
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

func TestLinksOfANodeDoNotLeadOutOfIt(t *testing.T) {
	child := startNode(t)
	write(t, child.root+"/etc/secret", "the node's", 0o600)
	for name, target := range map[string]string{"absolute": "/etc/secret", "climbing": "../../../../../../etc/secret"} {
		if err := os.Symlink(target, filepath.Join(child.root, "etc", name)); err != nil {
			t.Fatal(err)
		}
		got, err := child.readFile("/etc/" + name)
		if err != nil || string(got.Content) != "the node's" {
			t.Errorf("%s: %q, %v", name, got.Content, err)
		}
	}
	// A file of the machine's that the node does not have.
	if _, err := child.readFile("/etc/os-release"); !errors.Is(err, errMissing) {
		t.Errorf("a file of the machine's: %v", err)
	}
	if got := mustStat(t, child.node, "/etc/secret"); got.Owner != "0" {
		t.Errorf("names of users are the node's own, and it has none: %+v", got)
	}
	write(t, child.root+"/etc/passwd", "captain:x:0:0::/:/bin/sh\n", 0o600)
	if got := mustStat(t, child.node, "/etc/secret"); got.Owner != "captain" {
		t.Errorf("names of users are the node's own: %+v", got)
	}
}
