package vm

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// initramfs is an archive with this program as /init, and the libraries that
// it was linked with.
var initramfs = sync.OnceValues(func() ([]byte, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return archive(exe)
})

// archive packs a program, its ELF interpreter and libraries.
func archive(exe string) ([]byte, error) {
	program, err := os.ReadFile(exe)
	if err != nil {
		return nil, err
	}
	c := cpio{dirs: map[string]bool{}}
	for _, d := range []string{"/dev", "/proc", "/sys"} {
		c.dir(d)
	}
	c.node("/dev/console", 0o20600, 5, 1)
	c.file("/init", 0o100755, program)
	l := libraries{c: &c, seen: map[string]bool{}}
	if err := l.add(program, filepath.Dir(exe)); err != nil {
		return nil, fmt.Errorf("%s: %w", exe, err)
	}
	return c.end(), nil
}

// libraries packs what a dynamically linked program needs.
type libraries struct {
	c    *cpio
	seen map[string]bool
}

func (l *libraries) add(program []byte, dir string) error {
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		name := make([]byte, p.Filesz)
		if _, err := p.ReadAt(name, 0); err != nil {
			return err
		}
		if err := l.pack(strings.TrimRight(string(name), "\x00")); err != nil {
			return err
		}
	}
	names, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	dirs := searchPath(f, dir)
	for _, name := range names {
		if err := l.find(name, dirs); err != nil {
			return err
		}
	}
	return nil
}

// searchPath is where ld.so looks, as far as it looks the same in the guest,
// which has no cache of it.
func searchPath(f *elf.File, dir string) []string {
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		paths, _ := f.DynString(tag)
		for _, p := range paths {
			dirs = append(dirs, strings.Split(strings.ReplaceAll(p, "$ORIGIN", dir), ":")...)
		}
	}
	return append(dirs, "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib")
}

func (l *libraries) find(name string, dirs []string) error {
	for _, d := range dirs {
		p := filepath.Join(d, name)
		if _, err := os.Stat(p); err == nil {
			return l.pack(p)
		}
	}
	return fmt.Errorf("library %s: not found", name)
}

// pack puts a library, found by a path that may be a link, at that path.
func (l *libraries) pack(path string) error {
	if l.seen[path] {
		return nil
	}
	l.seen[path] = true
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	l.c.file(path, 0o100755, b)
	return l.add(b, filepath.Dir(path))
}

// cpio writes an archive as the kernel reads it
// (Documentation/driver-api/early-userspace/buffer-format.rst: newc).
type cpio struct {
	bytes.Buffer
	ino  int
	dirs map[string]bool
}

func (c *cpio) entry(name string, mode, major, minor int, data []byte) {
	c.ino++
	name = strings.TrimPrefix(name, "/")
	fmt.Fprintf(c, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", c.ino, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name)+1, 0)
	c.WriteString(name + "\x00")
	c.pad()
	c.Write(data)
	c.pad()
}

func (c *cpio) pad() { c.Write(make([]byte, -c.Len()&3)) }

// dir makes a directory and those above it.
func (c *cpio) dir(path string) {
	if path == "/" || c.dirs[path] {
		return
	}
	c.dir(filepath.Dir(path))
	c.dirs[path] = true
	c.entry(path, 0o40755, 0, 0, nil)
}

func (c *cpio) file(path string, mode int, data []byte) {
	c.dir(filepath.Dir(path))
	c.entry(path, mode, 0, 0, data)
}

func (c *cpio) node(path string, mode, major, minor int) {
	c.dir(filepath.Dir(path))
	c.entry(path, mode, major, minor, nil)
}

func (c *cpio) end() []byte {
	c.entry("TRAILER!!!", 0, 0, 0, nil)
	return c.Bytes()
}

// Images lists the kernel images that are installed on this machine, newest
// names last.
func Images() []string {
	var out []string
	for _, pattern := range []string{"/boot/vmlinuz-*", "/usr/lib/modules/*/vmlinuz", "/lib/modules/*/vmlinuz"} {
		found, _ := filepath.Glob(pattern)
		out = append(out, found...)
	}
	out = slices.DeleteFunc(out, func(p string) bool {
		f, err := os.Open(p)
		if err == nil {
			f.Close()
		}
		return err != nil && !errors.Is(err, fs.ErrPermission) || strings.Contains(p, "rescue")
	})
	slices.Sort(out)
	return slices.Compact(out)
}
