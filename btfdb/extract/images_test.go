package extract

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
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
