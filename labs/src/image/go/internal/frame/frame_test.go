package frame

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestReadGivesBackWhatWasAppended(t *testing.T) {
	wire := Append(nil, 'i', []byte("ls\r"))
	wire = AppendOutput(wire, 1<<40, []byte("file"))
	r := bytes.NewReader(wire)
	kind, payload, err := Read(r, nil)
	if err != nil || kind != 'i' || string(payload) != "ls\r" {
		t.Fatalf("first frame: %q %q %v", kind, payload, err)
	}
	kind, payload, err = Read(r, make([]byte, 64))
	if err != nil || kind != 'o' || string(payload) != "\x00\x00\x01\x00\x00\x00\x00\x00file" {
		t.Fatalf("second frame: %q %q %v", kind, payload, err)
	}
	if _, _, err = Read(r, nil); err != io.EOF {
		t.Fatalf("end between frames: %v", err)
	}
}

func TestReadRefusesBadFrames(t *testing.T) {
	cases := map[string]struct {
		wire []byte
		want error
	}{
		"one byte more than 1 MiB": {[]byte{'i', 0, 0x10, 0, 1}, ErrTooLarge},
		"4 GiB":                    {[]byte{'i', 0xff, 0xff, 0xff, 0xff}, ErrTooLarge},
		"cut in the header":        {[]byte{'i', 0}, io.ErrUnexpectedEOF},
		"cut in the payload":       {[]byte{'i', 0, 0, 0, 3, 'a'}, io.ErrUnexpectedEOF},
		"cut before the payload":   {[]byte{'i', 0, 0, 0, 3}, io.ErrUnexpectedEOF},
	}
	for name, c := range cases {
		if _, _, err := Read(bytes.NewReader(c.wire), nil); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
