package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// mostRead bounds what is handed on of a file, in bytes.
	mostRead = 16 << 20
	// mostCounted bounds the memory that counting takes, in bytes.
	mostCounted = 1 << 30
)

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
	// ChangedAgeMs: how long ago its content, name or attributes were changed last; no program can set
	// that time.
	ChangedAgeMs int64 `json:"changedAgeMs"`
	// CreatedAgeMs: how long ago it came to be on this file system; -1 where that does not record it.
	CreatedAgeMs int64 `json:"createdAgeMs"`
}

// missing turns the errors of a path that leads to nothing, or to a socket, into errMissing.
func missing(err error) error {
	var pathError *fs.PathError
	nothing := []error{syscall.ENOENT, syscall.ENOTDIR, syscall.ENXIO}
	if errors.As(err, &pathError) && slices.Contains(nothing, pathError.Err) {
		return fmt.Errorf("%w: %s", errMissing, pathError.Path)
	}
	return err
}

// openFile opens a regular file and tells its size; what else may lie there is no file, and a pipe
// would keep its reader waiting.
func (n node) openFile(path string) (*os.File, int64, error) {
	file, err := n.open(path, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, 0, err
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
func (n node) digestFile(path string, last int64) (fileDigest, error) {
	file, size, err := n.openFile(path)
	if err != nil {
		return fileDigest{}, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.CopyN(sum, file, max(0, size-last)); err != nil && err != io.EOF {
		return fileDigest{}, err
	}
	end, err := io.ReadAll(io.LimitReader(file, mostRead))
	return fileDigest{size, hex.EncodeToString(sum.Sum(nil)), hex.EncodeToString(end)}, err
}

type occurrences struct {
	Count int `json:"count"`
}

// countIn tells how often a file holds a text; occurrences do not overlap.
func (n node) countIn(path, text string) (occurrences, error) {
	if text == "" {
		return occurrences{}, errUsage
	}
	file, size, err := n.openFile(path)
	if err != nil {
		return occurrences{}, err
	}
	defer file.Close()
	if size > mostCounted {
		return occurrences{}, fmt.Errorf("%s is too large to be searched: %d bytes", path, size)
	}
	content, err := io.ReadAll(io.LimitReader(file, mostCounted))
	return occurrences{bytes.Count(content, []byte(text))}, err
}

type fileContent struct {
	// Base64 on the wire.
	Content []byte `json:"content"`
}

func (n node) readFile(path string) (fileContent, error) {
	file, size, err := n.openFile(path)
	if err != nil {
		return fileContent{}, err
	}
	defer file.Close()
	if size > mostRead {
		return fileContent{}, fmt.Errorf("%s is too large to be read: %d bytes", path, size)
	}
	content, err := io.ReadAll(io.LimitReader(file, mostRead))
	return fileContent{content}, err
}

func (n node) statFile(path string) (fileStat, error) {
	file, err := n.open(path, unix.O_PATH)
	if err != nil {
		return fileStat{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fileStat{}, err
	}
	system := info.Sys().(*syscall.Stat_t)
	result := fileStat{
		Type:         "other",
		Mode:         strconv.FormatUint(uint64(system.Mode&0o7777), 8),
		Owner:        n.nameOf("/etc/passwd", system.Uid),
		Group:        n.nameOf("/etc/group", system.Gid),
		SizeBytes:    info.Size(),
		ModifiedMs:   info.ModTime().UnixMilli(),
		ID:           fileID(system),
		CreatedAgeMs: -1,
	}
	now := time.Now().UnixMilli()
	result.ChangedAgeMs = now - system.Ctim.Nano()/1e6
	var extended unix.Statx_t
	err = unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &extended)
	if err == nil && extended.Mask&unix.STATX_BTIME != 0 {
		result.CreatedAgeMs = now - extended.Btime.Sec*1000 - int64(extended.Btime.Nsec)/1e6
	}
	if link, err := n.open(path, unix.O_PATH|unix.O_NOFOLLOW); err == nil {
		defer link.Close()
		if info, err := link.Stat(); err == nil {
			result.IsLink = info.Mode()&fs.ModeSymlink != 0
		}
	}
	if info.Mode().IsRegular() {
		result.Type = "file"
	} else if info.IsDir() {
		result.Type = "directory"
	}
	return result, nil
}

// nameOf finds the node's own name of a user or group; the number itself where it has none.
func (n node) nameOf(table string, id uint32) string {
	number := strconv.FormatUint(uint64(id), 10)
	file, _, err := n.openFile(table)
	if err != nil {
		return number
	}
	defer file.Close()
	lines := bufio.NewScanner(io.LimitReader(file, mostRead))
	for lines.Scan() {
		if fields := strings.Split(lines.Text(), ":"); len(fields) > 2 && fields[2] == number {
			return fields[0]
		}
	}
	return number
}
