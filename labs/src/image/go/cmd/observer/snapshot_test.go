package main

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
)

type change struct {
	revision   int64
	key, value string
	deleted    bool
}

// saveSnapshot writes what `etcdctl snapshot save` would: a database with a history, and its sum
// behind it.
func saveSnapshot(t *testing.T, history []change) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snapshot.db")
	database, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = database.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket([]byte("meta")); err != nil {
			return err
		}
		keys, err := tx.CreateBucket([]byte("key"))
		for _, one := range history {
			revision := make([]byte, 17, 18)
			binary.BigEndian.PutUint64(revision, uint64(one.revision))
			revision[8] = '_'
			if one.deleted {
				revision = append(revision, 't')
			}
			stored, _ := (&mvccpb.KeyValue{Key: []byte(one.key), Value: []byte(one.value)}).Marshal()
			if err := keys.Put(revision, stored); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil || database.Close() != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, path, withSum(string(content)), 0o600)
}

func withSum(content string) string {
	sum := sha256.Sum256([]byte(content))
	return content + string(sum[:])
}

func TestASnapshotIsOpened(t *testing.T) {
	path := saveSnapshot(t, []change{
		{2, "/registry/a", "one", false},
		{3, "/registry/b", "two", false},
		{4, "/registry/a", "three", false},
		{7, "/registry/b", "", true},
	})
	got, err := itself.snapshot(t.Context(), path, []string{"/registry/a", "/registry/b", "/registry/c"})
	if err != nil || !got.Valid || got.Revision != 7 || got.Keys != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(got.Values) != 1 || string(got.Values["/registry/a"]) != "three" {
		t.Errorf("%+v", got.Values)
	}
}

func TestWhatIsNoSnapshotIsNamed(t *testing.T) {
	good, err := os.ReadFile(saveSnapshot(t, []change{{2, "/registry/a", "one", false}}))
	if err != nil {
		t.Fatal(err)
	}
	database := string(good[:len(good)-sha256.Size])
	damaged := strings.Repeat("\xff", 4096) + database[4096:8192] + strings.Repeat("\xfe", len(database)-8192)
	for name, one := range map[string]struct{ content, problem string }{
		"a text with its own sum":     {withSum(strings.Repeat("/registry/a ", 512)), "no etcd database"},
		"a copy of the database":      {database, "no checksum"},
		"a snapshot that is cut":      {string(good[:len(good)-600]), "checksum"},
		"a snapshot that was changed": {strings.Replace(string(good), "one", "two", 1), "checksum is wrong"},
		"a damaged database":          {withSum(damaged), "database"},
		"nothing":                     {"", "no checksum"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "file"), one.content, 0o600)
		got, err := itself.snapshot(t.Context(), path, nil)
		if err != nil || got.Valid || !strings.Contains(got.Problem, one.problem) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
