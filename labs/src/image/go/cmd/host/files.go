package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mostCounted bounds the memory that counting takes, in bytes.
const mostCounted = 1 << 30

type fileStat struct {
	// Type: file, directory or other.
	Type      string `json:"type"`
	Mode      string `json:"mode"`
	Owner     string `json:"owner"`
	Group     string `json:"group"`
	SizeBytes int64  `json:"sizeBytes"`
	// ModifiedMs: milliseconds since 1970.
	ModifiedMs int64 `json:"modifiedMs"`
	// ID: device and inode, the same for every path that leads to it.
	ID string `json:"id"`
	// IsLink: the path itself is a symbolic link.
	IsLink bool `json:"isLink"`
	// ChangedAgeMs: how long ago its content, name or attributes were changed last, by the host's clock; no program can set that time.
	ChangedAgeMs int64 `json:"changedAgeMs"`
	// CreatedAgeMs: how long ago it came to be on this file system; -1 where that does not record it.
	CreatedAgeMs int64 `json:"createdAgeMs"`
}

// missing turns the errors of a path that leads to nothing, or to a socket, into errMissing.
func missing(err error) error {
	if pathError, ok := err.(*fs.PathError); ok && (slices.Contains([]error{syscall.ENOENT, syscall.ENOTDIR, syscall.ENXIO}, pathError.Err)) {
		return fmt.Errorf("%w: %s", errMissing, pathError.Path)
	}
	return err
}

// openFileAt opens a regular file and tells its size; whatever else lies there is no file, and a pipe would keep whoever opens it waiting.
func openFileAt(path string) (*os.File, int64, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, missing(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s is no regular file", errMissing, path)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func fileID(system *syscall.Stat_t) string {
	return fmt.Sprintf("%d:%d", system.Dev, system.Ino)
}

type fileDigest struct {
	SizeBytes int64 `json:"sizeBytes"`
	// Sha256 of all but the last bytes asked for, and Last, these; both in hexadecimal.
	Sha256 string `json:"sha256"`
	Last   string `json:"last"`
}

// digestFile tells a file's sum without its last bytes: some formats end with that very sum.
func digestFile(path string, last int64) (fileDigest, error) {
	file, size, err := openFileAt(path)
	if err != nil {
		return fileDigest{}, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.CopyN(sum, file, max(0, size-last)); err != nil && err != io.EOF {
		return fileDigest{}, err
	}
	end, err := io.ReadAll(file)
	return fileDigest{size, hex.EncodeToString(sum.Sum(nil)), hex.EncodeToString(end)}, err
}

type occurrences struct {
	Count int `json:"count"`
}

// countIn tells how often a file holds a text; occurrences do not overlap.
func countIn(path, text string) (occurrences, error) {
	if text == "" {
		return occurrences{}, errUsage
	}
	file, size, err := openFileAt(path)
	if err != nil {
		return occurrences{}, err
	}
	defer file.Close()
	if size > mostCounted {
		return occurrences{}, fmt.Errorf("%s is too large to be searched: %d bytes", path, size)
	}
	content, err := io.ReadAll(file)
	return occurrences{bytes.Count(content, []byte(text))}, err
}

func readFile(path string) error {
	file, _, err := openFileAt(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(os.Stdout, file)
	return err
}

func statFile(path string) (fileStat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStat{}, missing(err)
	}
	system := info.Sys().(*syscall.Stat_t)
	result := fileStat{
		Type:       "other",
		Mode:       strconv.FormatUint(uint64(system.Mode&0o7777), 8),
		Owner:      strconv.FormatUint(uint64(system.Uid), 10),
		Group:      strconv.FormatUint(uint64(system.Gid), 10),
		SizeBytes:  info.Size(),
		ModifiedMs: info.ModTime().UnixMilli(),
		ID:         fileID(system),
	}
	now := time.Now().UnixMilli()
	result.ChangedAgeMs, result.CreatedAgeMs = now-system.Ctim.Nano()/1e6, -1
	var extended unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &extended) == nil && extended.Mask&unix.STATX_BTIME != 0 {
		result.CreatedAgeMs = now - extended.Btime.Sec*1000 - int64(extended.Btime.Nsec)/1e6
	}
	if link, err := os.Lstat(path); err == nil {
		result.IsLink = link.Mode()&fs.ModeSymlink != 0
	}
	if info.Mode().IsRegular() {
		result.Type = "file"
	} else if info.IsDir() {
		result.Type = "directory"
	}
	if owner, err := user.LookupId(result.Owner); err == nil {
		result.Owner = owner.Username
	}
	if group, err := user.LookupGroupId(result.Group); err == nil {
		result.Group = group.Name
	}
	return result, nil
}
