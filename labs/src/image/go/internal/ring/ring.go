// Package ring keeps the last bytes of a stream, each known by its offset from the stream's first
// byte.
package ring

// Buffer keeps the last len(data) bytes that were written. Its memory is only touched as it fills.
// Not safe for concurrent use.
type Buffer struct {
	data []byte
	end  uint64
}

// New returns a buffer that keeps the last size bytes.
func New(size int) *Buffer { return &Buffer{data: make([]byte, size)} }

// First is the offset of the oldest byte still kept.
func (b *Buffer) First() uint64 { return b.end - min(b.end, uint64(len(b.data))) }

// End is the offset after the newest byte, which is the number of bytes ever written.
func (b *Buffer) End() uint64 { return b.end }

// Write appends p, forgetting the oldest bytes.
func (b *Buffer) Write(p []byte) {
	b.end += uint64(len(p))
	if len(p) > len(b.data) {
		p = p[len(p)-len(b.data):]
	}
	at := int((b.end - uint64(len(p))) % uint64(len(b.data)))
	n := copy(b.data[at:], p)
	copy(b.data, p[n:])
}

// Copy copies bytes from offset on into p and returns how many. An offset outside First()..End()
// gives 0.
func (b *Buffer) Copy(p []byte, offset uint64) int {
	if offset < b.First() || offset >= b.end {
		return 0
	}
	p = p[:min(uint64(len(p)), b.end-offset)]
	n := copy(p, b.data[offset%uint64(len(b.data)):])
	return n + copy(p[n:], b.data)
}
