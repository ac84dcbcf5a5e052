package extract

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// Offsets in the setup header (Documentation/arch/x86/boot.rst, protocol 2.08
// and later).
const (
	setupSects    = 0x1f1
	setupMagic    = 0x202 // "HdrS"
	payloadOffset = 0x248
	payloadLength = 0x24c
)

// maxPayload bounds the compressed kernel. Distribution kernels have 15 MB.
const maxPayload = 128 << 20

func isBzImage(head []byte) bool {
	return len(head) >= setupMagic+4 && string(head[setupMagic:setupMagic+4]) == "HdrS"
}

// unpackBzImage returns the vmlinux inside a bzImage.
func unpackBzImage(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, payloadLength+4)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("bzimage: setup header: %w", err)
	}
	sects := int64(head[setupSects])
	if sects == 0 {
		sects = 4
	}
	start := (sects+1)*512 + int64(binary.LittleEndian.Uint32(head[payloadOffset:]))
	length := int64(binary.LittleEndian.Uint32(head[payloadLength:]))
	if length < 8 || length > maxPayload || start+length > size {
		return nil, fmt.Errorf("bzimage: payload of %d bytes at %#x: file has %d", length, start, size)
	}
	payload := make([]byte, length)
	if _, err := r.ReadAt(payload, start); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("bzimage: payload at %#x: %w", start, err)
	}
	data, err := decompress(payload)
	if err != nil {
		return nil, fmt.Errorf("bzimage: payload at %#x: %w", start, err)
	}
	return data, nil
}

// A codec is one of the kernel's compressors (scripts/Makefile.lib).
type codec struct {
	name  string
	magic string
	open  func(io.Reader) (io.Reader, error)
}

var codecs = []codec{
	{"zstd", zstdMagic, nil}, // unzstd
	{"gzip", "\x1f\x8b", func(r io.Reader) (io.Reader, error) {
		z, err := gzip.NewReader(r)
		if err == nil {
			z.Multistream(false)
		}
		return z, err
	}},
	{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) {
		return xz.ReaderConfig{SingleStream: true, DictCap: maxPayload}.NewReader(r)
	}},
	{"bzip2", "BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"lz4", "\x02\x21\x4c\x18", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"lzo", "\x89LZO\x00\r\n\x1a\n", func(r io.Reader) (io.Reader, error) { return newLZOReader(r) }},
	// An lzma stream starts with its properties; the kernel's have lc=3 lp=0 pb=2.
	{"lzma", "\x5d\x00\x00", func(r io.Reader) (io.Reader, error) {
		return lzma.ReaderConfig{DictCap: maxPayload}.NewReader(r)
	}},
}

const zstdMagic = "\x28\xb5\x2f\xfd"

// unzstd unpacks in one go into memory of the right size. The kernel is
// packed with a window of 128 MiB, which a streaming reader would allocate.
func unzstd(payload []byte, size int64) ([]byte, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxImage))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	data, err := z.DecodeAll(payload[:len(payload)-4], make([]byte, 0, min(size, 64*int64(len(payload)))))
	if err == nil && int64(len(data)) != size {
		err = fmt.Errorf("unpacks to %d bytes, not %d", len(data), size)
	}
	return data, err
}

// decompress unpacks a payload. All but gzip are followed by the size of what
// they unpack to, which gzip has as its own trailer: the last four bytes.
func decompress(payload []byte) ([]byte, error) {
	for _, c := range codecs {
		if bytes.HasPrefix(payload, []byte(c.magic)) {
			data, err := c.unpack(payload)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			return data, nil
		}
	}
	return nil, fmt.Errorf("compressed in an unknown way: % x", payload[:min(8, len(payload))])
}

// unpack reads exactly the size that the payload promises. What follows is
// padding, which no decompressor needs to see.
func (c codec) unpack(payload []byte) ([]byte, error) {
	if len(payload) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	size := int64(binary.LittleEndian.Uint32(payload[len(payload)-4:]))
	if size == 0 || size > maxImage {
		return nil, fmt.Errorf("unpacks to %d bytes, more than %d or none", size, maxImage)
	}
	if c.open == nil {
		return unzstd(payload, size)
	}
	r, err := c.open(bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	if z, ok := r.(io.Closer); ok {
		defer z.Close()
	}
	// Grow with the data, so that a false size costs no memory.
	var buf bytes.Buffer
	buf.Grow(int(min(size, 64*int64(len(payload)), maxImage)) + bytes.MinRead)
	n, err := io.Copy(&buf, io.LimitReader(r, size))
	if n < size {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("at %#x of %#x unpacked bytes: %w", n, size, err)
	}
	return buf.Bytes(), nil
}
