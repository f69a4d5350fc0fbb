package ring

import (
	"math/rand/v2"
	"testing"
)

// at is the byte that the tests' stream has at an offset.
func at(offset uint64) byte { return byte(offset * 7 >> 1) }

func TestBufferKeepsTheLastBytesUnderTheirOffsets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := New(1000)
	for range 3000 {
		p := make([]byte, random.IntN(1500))
		for i := range p {
			p[i] = at(b.End() + uint64(i))
		}
		b.Write(p)
		if kept := b.End() - b.First(); kept != min(b.End(), 1000) {
			t.Fatalf("keeps %d of %d bytes", kept, b.End())
		}
		got := make([]byte, random.IntN(1200))
		from := b.First() + random.Uint64N(b.End()-b.First()+1)
		n := b.Copy(got, from)
		if want := int(min(uint64(len(got)), b.End()-from)); n != want {
			t.Fatalf("copied %d bytes, want %d", n, want)
		}
		for i, c := range got[:n] {
			if c != at(from+uint64(i)) {
				t.Fatalf("byte %d is wrong", from+uint64(i))
			}
		}
	}
}

func TestCopyOutsideOfWhatIsKeptGivesNothing(t *testing.T) {
	b := New(4)
	b.Write([]byte("abcdef"))
	for _, offset := range []uint64{0, 1, 6, 7, 1 << 60} {
		if n := b.Copy(make([]byte, 4), offset); n != 0 {
			t.Errorf("offset %d: %d bytes", offset, n)
		}
	}
}
