package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errLZO is a compressed block that no compressor makes.
var errLZO = errors.New("damaged block")

// lzoReader unpacks the container that lzop writes and the kernel reads
// (lib/decompress_unlzo.c): a header, then blocks of at most 256 KiB.
type lzoReader struct {
	r     io.Reader
	flags uint32
	block []byte // what is left of the current block
	done  bool
}

const maxLZOBlock = 64 << 20

// newLZOReader reads the header: magic, versions, method, flags, mode, times,
// name and checksum. Only what the kernel reads is looked at.
func newLZOReader(r io.Reader) (*lzoReader, error) {
	head := make([]byte, 9+2+2+2+1+1+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if version := binary.BigEndian.Uint16(head[9:]); version < 0x0940 {
		return nil, fmt.Errorf("header: lzop version %#x is too old", version)
	}
	z := &lzoReader{r: r, flags: binary.BigEndian.Uint32(head[17:])}
	skip := 12              // mode, mtime low, mtime high
	if z.flags&0x800 != 0 { // a filter word
		skip += 4
	}
	rest := make([]byte, skip+1)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	name := make([]byte, int(rest[skip])+4) // and the header's checksum
	if _, err := io.ReadFull(r, name); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return z, nil
}

func (z *lzoReader) Read(p []byte) (int, error) {
	for len(z.block) == 0 {
		if z.done {
			return 0, io.EOF
		}
		if err := z.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, z.block)
	z.block = z.block[n:]
	return n, nil
}

// next reads a block: sizes, checksums as the flags say, data.
func (z *lzoReader) next() error {
	dst, err := z.u32()
	if err != nil {
		return err
	}
	if dst == 0 {
		z.done = true
		return nil
	}
	src, err := z.u32()
	if err != nil {
		return err
	}
	if dst > maxLZOBlock || src > dst || src == 0 {
		return fmt.Errorf("block of %d bytes from %d: %w", dst, src, errLZO)
	}
	if err := z.skipSums(src < dst); err != nil {
		return err
	}
	data, err := readBounded(z.r, int(src))
	if err != nil {
		return err
	}
	if src < dst {
		data, err = lzo1x(data, int(dst))
	}
	z.block = data
	return err
}

// skipSums passes over Adler-32 and CRC-32 of the plain data (flags 1, 0x100)
// and, if the block is compressed, of the compressed (2, 0x200).
func (z *lzoReader) skipSums(compressed bool) error {
	want := z.flags & 0x101
	if compressed {
		want |= z.flags & 0x202
	}
	for _, bit := range []uint32{1, 0x100, 2, 0x200} {
		if want&bit != 0 {
			if _, err := z.u32(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (z *lzoReader) u32() (uint32, error) {
	var b [4]byte
	_, err := io.ReadFull(z.r, b[:])
	return binary.BigEndian.Uint32(b[:]), err
}

// readBounded reads n bytes without trusting n: memory grows with the data.
func readBounded(r io.Reader, n int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(data) < n {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// lzo is the state of one LZO1X block.
type lzo struct {
	src []byte
	pos int
	dst []byte
	max int
}

// lzo1x unpacks one block to exactly size bytes. The format is a sequence of
// instructions, described in Documentation/staging/lzo.rst: literal runs, and
// copies from a distance whose length and offset depend on the first byte and
// on how many literals the instruction before left (the state, 0 to 4).
func lzo1x(src []byte, size int) ([]byte, error) {
	z := &lzo{src: src, max: size, dst: make([]byte, 0, min(size, 300*len(src)+64))}
	state := 0
	if b := z.peek(); b >= 18 {
		z.pos++
		state = min(int(b)-17, 4)
		if err := z.literals(int(b) - 17); err != nil {
			return nil, err
		}
	}
	for {
		next, end, err := z.step(state)
		if err != nil {
			return nil, fmt.Errorf("at %#x: %w", z.pos, err)
		}
		if end {
			break
		}
		state = next
	}
	if len(z.dst) != size {
		return nil, fmt.Errorf("%d bytes instead of %d: %w", len(z.dst), size, errLZO)
	}
	return z.dst, nil
}

// step does one instruction and returns the state that it leaves.
func (z *lzo) step(state int) (next int, end bool, err error) {
	b := int(z.byte())
	var dist, length int
	switch {
	case b >= 64:
		dist = int(z.byte())<<3 + b>>2&7 + 1
		length = b>>5 + 1
	case b >= 32:
		length = z.length(b&31, 31) + 2
		w := z.word()
		dist, b = w>>2+1, w
	case b >= 16:
		length = z.length(b&7, 7) + 2
		w := z.word()
		dist = (b&8)<<11 + w>>2 + 16384
		if b = w; dist == 16384 {
			return 0, true, z.bad()
		}
	case state == 0:
		return 4, false, z.literals(z.length(b, 15) + 3)
	case state == 4:
		dist, length = int(z.byte())<<2+b>>2+2049, 3
	default:
		dist, length = int(z.byte())<<2+b>>2+1, 2
	}
	if err := z.copy(dist, length); err != nil {
		return 0, false, err
	}
	next = b & 3
	return next, false, z.literals(next)
}

// length reads a run length: its low bits if they are not 0, else the bits'
// maximum plus 255 for every zero byte plus the byte after them.
func (z *lzo) length(low, maximum int) int {
	if low != 0 {
		return low
	}
	n := maximum
	for z.peek() == 0 && z.pos < len(z.src) && n < z.max {
		z.pos++
		n += 255
	}
	return n + int(z.byte())
}

func (z *lzo) peek() byte {
	if z.pos < len(z.src) {
		return z.src[z.pos]
	}
	return 0
}

// byte reads one byte; past the end it only moves on, which bad reports.
func (z *lzo) byte() byte {
	b := z.peek()
	z.pos++
	return b
}

func (z *lzo) word() int {
	lo := int(z.byte())
	return lo | int(z.byte())<<8
}

func (z *lzo) bad() error {
	if z.pos > len(z.src) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (z *lzo) literals(n int) error {
	if z.pos > len(z.src) || n > len(z.src)-z.pos {
		return io.ErrUnexpectedEOF
	}
	if len(z.dst)+n > z.max {
		return errLZO
	}
	z.dst = append(z.dst, z.src[z.pos:z.pos+n]...)
	z.pos += n
	return nil
}

func (z *lzo) copy(dist, n int) error {
	if err := z.bad(); err != nil {
		return err
	}
	from := len(z.dst) - dist
	if from < 0 || len(z.dst)+n > z.max {
		return errLZO
	}
	for i := range n {
		z.dst = append(z.dst, z.dst[from+i])
	}
	return nil
}
