package extract

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// lzopHeader is what lzop writes before the blocks: magic, versions, method,
// level, flags (Adler-32 of the plain data), mode, times, no name, checksum.
var lzopHeader = append([]byte("\x89LZO\x00\r\n\x1a\n\x10\x30\x20\xa0\x09\x40\x01\x09\x00\x00\x00\x01"), make([]byte, 12+1+4)...)

// lzopFile wraps data as lzop does, in a stored block: equal sizes.
func lzopFile(data []byte) []byte { return lzopBlock(data, len(data)) }

// lzopBlock makes a file of one block that unpacks to size bytes.
func lzopBlock(block []byte, size int) []byte {
	f := bytes.Clone(lzopHeader)
	f = binary.BigEndian.AppendUint32(f, uint32(size))
	f = binary.BigEndian.AppendUint32(f, uint32(len(block)))
	f = append(f, 0, 0, 0, 0) // Adler-32, which is not checked
	f = append(f, block...)
	return binary.BigEndian.AppendUint32(f, 0)
}

// TestLZOPCompressed: one literal run, then one long copy of its last byte.
func TestLZOPCompressed(t *testing.T) {
	block := []byte{17 + 4, 'a', 'b', 'c', 'd', 0x20, 0, 12, 0, 0, 0x11, 0, 0}
	want := "abcd" + strings.Repeat("d", 2+31+255+12)
	z, err := newLZOReader(bytes.NewReader(lzopBlock(block, len(want))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != want {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
	}
}

// longLiterals is the instruction for a run of n > 18 literals.
func longLiterals(n int) []byte {
	out := []byte{0}
	for n -= 18; n > 255; n -= 255 {
		out = append(out, 0)
	}
	return append(out, byte(n))
}

// TestLZO1X runs hand-made instruction streams, one for each kind.
func TestLZO1X(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), 60)
	for _, c := range []struct {
		name string
		src  []byte
		want string
	}{
		{"first literals", append([]byte{17 + 5}, "helloSTOP"[:5]...), "hello"},
		{"long literals", append(longLiterals(len(long)), long...), string(long)},
		// 0x4c: length 3, distance 4 (D=3); no literals behind.
		{"short copy", []byte{17 + 4, 'a', 'b', 'c', 'd', 0x4c, 0}, "abcdabc"},
		// 0x4d: the same, then one literal.
		{"short copy and a literal", []byte{17 + 4, 'a', 'b', 'c', 'd', 0x4d, 0, '!'}, "abcdabc!"},
		// 0x23: length 5, distance 1: a run.
		{"copy within 16 KiB", []byte{17 + 4, 'a', 'b', 'c', 'd', 0x23, 0, 0}, "abcdddddd"},
		// After one literal, 0x00 is a copy of two bytes from distance 1.
		{"two bytes", []byte{17 + 4, 'a', 'b', 'c', 'd', 0x4d, 0, '!', 0x00, 0}, "abcdabc!!!"},
	} {
		src := append(bytes.Clone(c.src), 0x11, 0, 0)
		got, err := lzo1x(src, len(c.want))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
		for _, size := range []int{len(c.want) - 1, len(c.want) + 1} {
			if got, err := lzo1x(src, size); err == nil || got != nil {
				t.Errorf("%s in %d bytes: %q, no error", c.name, size, got)
			}
		}
	}
}
