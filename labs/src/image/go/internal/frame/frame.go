// Package frame reads and writes the frames that the shell keeper and its clients exchange: one
// byte of type, four bytes of big-endian payload length, the payload.
package frame

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxPayload is the largest payload that Read accepts, in bytes.
	MaxPayload = 1 << 20
	// HeaderSize is the length of type and length together, in bytes.
	HeaderSize = 5
)

// ErrTooLarge is returned by Read for a frame that announces more than MaxPayload; nothing of its
// payload was read.
var ErrTooLarge = errors.New("frame larger than 1 MiB")

// Read reads one frame. The payload lies in buf when it fits there, so it is valid until buf is
// used again. io.EOF means that the stream ended between two frames, io.ErrUnexpectedEOF that it
// ended within one.
func Read(r io.Reader, buf []byte) (kind byte, payload []byte, err error) {
	var header [HeaderSize]byte
	if _, err = io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(header[1:])
	if size > MaxPayload {
		return header[0], nil, ErrTooLarge
	}
	if int(size) > len(buf) {
		buf = make([]byte, size)
	}
	payload = buf[:size]
	if _, err = io.ReadFull(r, payload); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return header[0], payload, err
}

// Append appends a whole frame to dst, so that it can be written by one system call.
func Append(dst []byte, kind byte, payload []byte) []byte {
	dst = append(dst, kind)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	return append(dst, payload...)
}

// AppendJSON appends a frame whose payload is value as JSON.
func AppendJSON(dst []byte, kind byte, value any) []byte {
	payload, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("frame %q: %v", kind, err)) // only plain structs of this program come here
	}
	return Append(dst, kind, payload)
}

// AppendOutput appends an output frame: the offset of its first byte, then the bytes.
func AppendOutput(dst []byte, offset uint64, data []byte) []byte {
	dst = append(dst, 'o')
	dst = binary.BigEndian.AppendUint32(dst, uint32(8+len(data)))
	dst = binary.BigEndian.AppendUint64(dst, offset)
	return append(dst, data...)
}
