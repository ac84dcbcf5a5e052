package extract

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// File reads the facts of a kernel image or BTF file.
func File(path string) (*btfdb.Facts, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := sizeOf(f)
	if err != nil {
		return nil, err
	}
	facts, err := Image(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return facts, nil
}

func sizeOf(f *os.File) (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !st.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: no regular file", f.Name())
	}
	return st.Size(), nil
}

// FindImages lists the kernel images at or below a path, by name: files called
// vmlinux or vmlinuz, with anything behind.
func FindImages(root string) ([]string, error) {
	var images []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.Type().IsRegular() && (path == root || strings.HasPrefix(name, "vmlinuz") || name == "vmlinux") {
			images = append(images, path)
		}
		return nil
	})
	slices.Sort(images)
	return images, err
}

// FileBTF is the BTF of a kernel image or BTF file.
func FileBTF(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := sizeOf(f)
	if err != nil {
		return nil, err
	}
	img, err := open(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img.btf, nil
}

// DoctorFile runs Doctor on a file. The error is that of opening it; damage
// inside is a Check.
func DoctorFile(path string) ([]Check, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := sizeOf(f)
	if err != nil {
		return nil, err
	}
	return Doctor(f, size), nil
}
