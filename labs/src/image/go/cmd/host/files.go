package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
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
}

// missing turns the errors of a path that leads to nothing into errMissing.
func missing(err error) error {
	if pathError, ok := err.(*fs.PathError); ok && (pathError.Err == syscall.ENOENT || pathError.Err == syscall.ENOTDIR) {
		return fmt.Errorf("%w: %s", errMissing, pathError.Path)
	}
	return err
}

func readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return missing(err)
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
