package extract

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// TestImages extracts every image again and compares with the embedded data,
// byte for byte. CI fetches the images and sets SCX_LSP_KERNELS.
func TestImages(t *testing.T) {
	for _, path := range kernelImages(t) {
		facts, err := File(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := os.ReadFile(filepath.Join("..", "data", facts.Build+".txt"))
		if err != nil {
			t.Errorf("%s: %v: 'go generate ./btfdb' writes it", path, err)
			continue
		}
		if diff := cmp.Diff(string(want), facts.Format()); diff != "" {
			t.Errorf("%s (-data +image):\n%s", facts.Build, diff)
		}
	}
}

// TestImagesDamaged: a damaged kernel is an error, not facts.
func TestImagesDamaged(t *testing.T) {
	path := kernelImages(t)[0]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 100, 0x250, 20000, len(data) / 2, len(data) - 1<<20} {
		f, err := Image(bytes.NewReader(data[:n]), int64(n))
		if err == nil || f != nil {
			t.Errorf("%d of %d bytes: no error", n, len(data))
		}
	}
	for _, at := range []int{0x248, 30000, len(data) / 3} {
		bad := bytes.Clone(data)
		for i := range 64 {
			bad[at+i] ^= 0x5a
		}
		if f, err := Image(bytes.NewReader(bad), int64(len(bad))); err == nil || f != nil {
			t.Errorf("damaged at %#x: no error", at)
		}
	}
}

// TestImagesWithoutSymbols: without kallsyms the sets are still all found, and
// named after those of a known kernel; every verdict on scx kfuncs is the same
// or unknown.
func TestImagesWithoutSymbols(t *testing.T) {
	images := kernelImages(t)
	path := images[len(images)-1]
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	img, err := open(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	img.syms, img.note = nil, "taken away by the test"
	facts, err := imageFacts(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := btfdb.New(facts)
	if err != nil {
		t.Fatal(err)
	}
	full, err := btfdb.Load(filepath.Base(filepath.Dir(path)))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Kfuncs()) != len(full.Kfuncs()) || facts.Origin.Borrowed == "" {
		t.Errorf("%d kfuncs of %d, borrowed from %q", len(got.Kfuncs()), len(full.Kfuncs()), facts.Origin.Borrowed)
	}
	for _, p := range full.Contexts() {
		for _, k := range full.Kfuncs() {
			a, b := full.Query(p.Context, k.Name).Outcome, got.Query(p.Context, k.Name).Outcome
			if a != b && b != btfdb.Unknown {
				t.Fatalf("%s × %s: %v, with symbols %v", p.Name, k.Name, b, a)
			}
		}
	}
}
