package extract

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// vmlinuxText stands for a kernel: with repetitions, and longer than any
// codec's literal run.
var vmlinuxText = []byte(strings.Repeat("a kernel, uncompressed. ", 40) + strings.Repeat("x", 300))

type packer func(io.Writer) (io.WriteCloser, error)

// packers are the kernel's compressors as far as Go has them.
var packers = map[string]packer{
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"zstd": func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
	"lzma": func(w io.Writer) (io.WriteCloser, error) { return lzma.NewWriter(w) },
	"lz4": func(w io.Writer) (io.WriteCloser, error) {
		z := lz4.NewWriter(w)
		return z, z.Apply(lz4.LegacyOption(true))
	},
}

// bzip2Text is vmlinuxText as bzip2 -9 packs it; Go has no compressor.
const bzip2Text = "" +
	"425a6839314159265359a36234480000649180c0252e0fda4000082000911099310c9a68052aa69e932699311e6a302604cb" +
	"bd84d44d34a8dc4d84e84c84dc4e84cc4cc4e44ec4c09c89d09d89e84d84f026a27dbf11007c5dc914e142428d88d120"

func pack(t testing.TB, p packer) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := p(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(vmlinuxText); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bzImageOf wraps a payload as a bzImage does, with the size behind it that
// the kernel's build appends.
func bzImageOf(payload []byte, size int) []byte {
	payload = binary.LittleEndian.AppendUint32(bytes.Clone(payload), uint32(size))
	img := make([]byte, 5*512)
	copy(img[setupMagic:], "HdrS")
	img[setupSects] = 4
	binary.LittleEndian.PutUint32(img[payloadOffset:], 0)
	binary.LittleEndian.PutUint32(img[payloadLength:], uint32(len(payload)))
	return append(img, payload...)
}

func TestUnpackBzImage(t *testing.T) {
	payloads := map[string][]byte{"lzo": lzopFile(vmlinuxText)}
	for name, p := range packers {
		payloads[name] = pack(t, p)
	}
	if b, err := hex.DecodeString(bzip2Text); err == nil && len(b) > 0 {
		payloads["bzip2"] = b
	}
	for name, payload := range payloads {
		img := bzImageOf(payload, len(vmlinuxText))
		got, err := unpackBzImage(bytes.NewReader(img), int64(len(img)))
		if err != nil || !bytes.Equal(got, vmlinuxText) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		// A kernel that is cut off, and one whose size is a lie.
		cut := bzImageOf(payload[:len(payload)/2], len(vmlinuxText))
		if got, err := unpackBzImage(bytes.NewReader(cut), int64(len(cut))); err == nil || got != nil {
			t.Errorf("%s, cut off: %d bytes, no error", name, len(got))
		}
		huge := bzImageOf(payload, 1<<31)
		if got, err := unpackBzImage(bytes.NewReader(huge), int64(len(huge))); err == nil || got != nil {
			t.Errorf("%s, huge: %d bytes, no error", name, len(got))
		}
	}
}

func TestBzImageErrors(t *testing.T) {
	good := bzImageOf(pack(t, packers["gzip"]), len(vmlinuxText))
	past := bytes.Clone(good)
	binary.LittleEndian.PutUint32(past[payloadOffset:], 1<<30)
	for _, c := range []struct {
		name, want string
		img        []byte
	}{
		{"short", "setup header", good[:0x210]},
		{"payload outside", "payload of", past},
		{"unknown codec", "compressed in an unknown way: 71 71 71 71", bzImageOf([]byte("qqqqqqqq"), 8)},
		{"no ELF inside", "elf:", good},
	} {
		img, err := open(bytes.NewReader(c.img), int64(len(c.img)))
		if err == nil || img != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
