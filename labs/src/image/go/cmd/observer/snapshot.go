package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
)

const (
	// mostSnapshot: the largest snapshot that is opened, in bytes.
	mostSnapshot = 1 << 30
	// snapshotLimit: a database made to mislead may keep its reader busy.
	snapshotLimit = 20 * time.Second
)

// etcdSnapshot is what a snapshot holds: the file that `etcdctl snapshot save` writes is a bbolt
// database with its SHA-256 behind it.
type etcdSnapshot struct {
	// Valid: it is such a file, complete.
	Valid bool `json:"valid"`
	// Problem: why it is not, in words for a person.
	Problem string `json:"problem,omitempty"`
	// Revision: the latest of the database.
	Revision int64 `json:"revision"`
	// Keys that exist at that revision.
	Keys int `json:"keys"`
	// Values of the keys that were asked for, where they exist at that revision; base64 on the wire.
	Values map[string][]byte `json:"values"`
}

// snapshot copies a snapshot out of the node and opens the copy in a process of its own: the
// database is mapped into memory, so that one that is cut short under the reader, or made to
// mislead it, ends that process.
func (n node) snapshot(ctx context.Context, path string, keys []string) (etcdSnapshot, error) {
	source, size, err := n.openFile(path)
	if err != nil {
		return etcdSnapshot{}, err
	}
	defer source.Close()
	if size > mostSnapshot {
		return etcdSnapshot{Problem: fmt.Sprintf("it is larger than any snapshot of this cluster: %d bytes", size)}, nil
	}
	copied, err := os.CreateTemp("", "snapshot-")
	if err != nil {
		return etcdSnapshot{}, err
	}
	defer os.Remove(copied.Name())
	defer copied.Close()
	if _, err := io.Copy(copied, io.LimitReader(source, mostSnapshot)); err != nil {
		return etcdSnapshot{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, snapshotLimit)
	defer cancel()
	command := exec.CommandContext(ctx, "/proc/self/exe", append([]string{"snapshot", copied.Name()}, keys...)...)
	output, err := command.Output()
	var result etcdSnapshot
	if err != nil || json.Unmarshal(output, &result) != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return etcdSnapshot{}, ctx.Err()
		}
		return etcdSnapshot{Problem: "its database is damaged"}, nil
	}
	return result, nil
}

// readSnapshot opens a snapshot and reads the latest state of the keys.
func readSnapshot(path string, keys []string) (result etcdSnapshot) {
	result.Values = map[string][]byte{}
	if problem := checkSum(path); problem != "" {
		result.Problem = problem
		return result
	}
	defer func() {
		if recover() != nil {
			result = etcdSnapshot{Problem: "its database is damaged"}
		}
	}()
	database, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		result.Problem = "it holds no etcd database"
		return result
	}
	defer database.Close()
	wanted := map[string]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	err = database.View(func(tx *bbolt.Tx) error { return result.read(tx, wanted) })
	if err != nil {
		return etcdSnapshot{Problem: err.Error()}
	}
	result.Valid = true
	return result
}

// checkSum: `etcdctl snapshot save` ends a snapshot with the SHA-256 of all that comes before,
// after a database whose size is a multiple of 512 (etcdutl/snapshot/v3_snapshot.go).
func checkSum(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return "it cannot be read"
	}
	if len(content)%512 != sha256.Size {
		return "it has no checksum at its end, so it is no snapshot, or not a complete one"
	}
	database, sum := content[:len(content)-sha256.Size], content[len(content)-sha256.Size:]
	if actual := sha256.Sum256(database); !bytes.Equal(actual[:], sum) {
		return "its checksum is wrong"
	}
	return ""
}

// read goes through the history of the database (server/storage/mvcc): keys of the bucket "key" are
// revisions, 8 bytes of the main one, "_", 8 bytes of the sub one, and "t" for a deletion.
func (s *etcdSnapshot) read(tx *bbolt.Tx, wanted map[string]bool) error {
	history := tx.Bucket([]byte("key"))
	if history == nil || tx.Bucket([]byte("meta")) == nil {
		return errors.New("it holds no etcd database")
	}
	alive := map[string]bool{}
	return history.ForEach(func(revision, stored []byte) error {
		if len(revision) < 17 || revision[8] != '_' {
			return errors.New("its database is damaged")
		}
		var change mvccpb.KeyValue
		if err := change.Unmarshal(stored); err != nil {
			return errors.New("its database is damaged")
		}
		s.Revision = max(s.Revision, int64(binary.BigEndian.Uint64(revision)))
		key := string(change.Key)
		deleted := len(revision) > 17
		if deleted && alive[key] {
			s.Keys--
			delete(alive, key)
		} else if !deleted && !alive[key] {
			s.Keys++
			alive[key] = true
		}
		if wanted[key] {
			if deleted {
				delete(s.Values, key)
			} else {
				s.Values[key] = bytes.Clone(change.Value)
			}
		}
		return nil
	})
}
