package kernel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// A Cache keeps judgements in files: what a kernel said of an object it says
// again. A damaged file is as good as none. The zero Cache keeps nothing.
type Cache struct {
	Dir string
}

// cacheVersion is part of every key: count it up when a judgement comes to
// hold something else.
const cacheVersion = 1

// maxCached bounds the number of files; the oldest go first.
const maxCached = 512

// DefaultCache is in the user's cache directory.
func DefaultCache() Cache {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Cache{}
	}
	return Cache{filepath.Join(dir, "scx-lsp", "judgements")}
}

// self is the hash of this program: another one may judge otherwise.
var self = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	h, err := fileHash(exe)
	if err != nil {
		return ""
	}
	return h
})

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// cacheKey is equal when object, image and what user space sets are.
func cacheKey(object []byte, image string, rodata map[string]uint64) string {
	h := sha256.New()
	sum := sha256.Sum256(object)
	fmt.Fprintf(h, "%d %s %x %s", cacheVersion, self(), sum, image)
	for _, name := range slices.Sorted(maps.Keys(rodata)) {
		fmt.Fprintf(h, " %s=%d", name, rodata[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c Cache) get(key string) (j Judgement, ok bool) {
	if c.Dir == "" {
		return j, false
	}
	b, err := os.ReadFile(filepath.Join(c.Dir, key+".json"))
	if err != nil || json.Unmarshal(b, &j) != nil {
		return Judgement{}, false
	}
	return j, true
}

// put writes a file of its own and renames it: another process may read.
func (c Cache) put(key string, j Judgement) {
	if c.Dir == "" || os.MkdirAll(c.Dir, 0o755) != nil {
		return
	}
	b, err := json.Marshal(j)
	if err != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, "new-*")
	if err != nil {
		return
	}
	_, err = f.Write(b)
	if cerr := f.Close(); err != nil || cerr != nil || os.Rename(f.Name(), filepath.Join(c.Dir, key+".json")) != nil {
		_ = os.Remove(f.Name())
	}
	c.prune()
}

func (c Cache) prune() {
	files, err := os.ReadDir(c.Dir)
	if err != nil || len(files) <= maxCached {
		return
	}
	age := func(e os.DirEntry) time.Time {
		i, err := e.Info()
		if err != nil {
			return time.Time{}
		}
		return i.ModTime()
	}
	slices.SortFunc(files, func(a, b os.DirEntry) int { return age(a).Compare(age(b)) })
	for _, f := range files[:len(files)-maxCached] {
		_ = os.Remove(filepath.Join(c.Dir, f.Name()))
	}
}
