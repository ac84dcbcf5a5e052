package cindex

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// FS is the only way in which cindex reads files. Paths are absolute and
// slash-separated, as filepath.ToSlash gives them.
type FS interface {
	// ReadFile gives the content of a regular file.
	ReadFile(path string) ([]byte, error)
	// ReadDir lists a directory.
	ReadDir(path string) ([]fs.DirEntry, error)
	// Stat follows symbolic links.
	Stat(path string) (fs.FileInfo, error)
	// RealPath resolves symbolic links; it is used to see loops.
	RealPath(path string) (string, error)
}

// maxFile bounds what is read as a source: larger files are data.
const maxFile = 64 << 20

// OSFS is the machine's file system.
type OSFS struct{}

// ReadFile refuses what is no regular file, so that a fifo cannot hang it.
func (OSFS) ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	return os.ReadFile(name)
}

// ReadDir lists a directory.
func (OSFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Stat follows symbolic links.
func (OSFS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// RealPath resolves symbolic links.
func (OSFS) RealPath(name string) (string, error) {
	p, err := filepath.EvalSymlinks(name)
	return filepath.ToSlash(p), err
}

// MapFS is a file system in memory: absolute path to content. Directories are
// what the paths imply.
type MapFS map[string]string

// ReadFile gives a copy of the content.
func (m MapFS) ReadFile(name string) ([]byte, error) {
	s, ok := m[path.Clean(name)]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(s), nil
}

// ReadDir lists what is directly below name.
func (m MapFS) ReadDir(name string) ([]fs.DirEntry, error) {
	prefix := strings.TrimSuffix(path.Clean(name), "/") + "/"
	dirs := map[string]bool{}
	for p := range m {
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			base, _, isDir := strings.Cut(rest, "/")
			dirs[base] = dirs[base] || isDir
		}
	}
	if len(dirs) == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var out []fs.DirEntry
	for base, isDir := range dirs {
		out = append(out, fs.FileInfoToDirEntry(mapInfo{base, isDir, len(m[prefix+base])}))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}

// Stat knows the files and the directories that their paths imply.
func (m MapFS) Stat(name string) (fs.FileInfo, error) {
	name = path.Clean(name)
	if s, ok := m[name]; ok {
		return mapInfo{path.Base(name), false, len(s)}, nil
	}
	for p := range m {
		if strings.HasPrefix(p, strings.TrimSuffix(name, "/")+"/") {
			return mapInfo{path.Base(name), true, 0}, nil
		}
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// RealPath is the path itself: there are no links.
func (m MapFS) RealPath(name string) (string, error) { return path.Clean(name), nil }

type mapInfo struct {
	name string
	dir  bool
	size int
}

func (i mapInfo) Name() string       { return i.name }
func (i mapInfo) Size() int64        { return int64(i.size) }
func (i mapInfo) ModTime() time.Time { return time.Time{} }
func (i mapInfo) IsDir() bool        { return i.dir }
func (i mapInfo) Sys() any           { return nil }
func (i mapInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
