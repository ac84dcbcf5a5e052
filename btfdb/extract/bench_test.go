package extract

import (
	"os"
	"runtime"
	"testing"
)

// BenchmarkImage extracts a stock kernel; the budget is 2 s and 300 MiB. It
// needs SCX_LSP_KERNELS.
func BenchmarkImage(b *testing.B) {
	images := kernelImages(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := File(images[len(images)-1]); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-from-OS")
}

// kernelImages are the real images that scripts/kernel-images fetched.
func kernelImages(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("SCX_LSP_KERNELS")
	if dir == "" {
		t.Skip("SCX_LSP_KERNELS is not set: run scripts/kernel-images DIR and name DIR in it")
	}
	images, err := FindImages(dir)
	if err != nil || len(images) == 0 {
		t.Fatalf("SCX_LSP_KERNELS=%s: no images: %v", dir, err)
	}
	return images
}
