package cindex

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"sort"
	"strings"
	"sync"
)

// A Config tells how sources are compiled, beyond what is found by itself.
type Config struct {
	IncludeDirs []string          // searched first
	Defines     map[string]string // like -D
	Roots       []string          // workspace directories, searched for headers last
	Objects     [][]string        // sources that are linked into one object, by object
}

// An Index is the memory of a workspace: files as they were read, what is open
// in an editor, and the units made of them. It is safe for concurrent use.
type Index struct {
	fs   FS
	conf Config

	mu      sync.RWMutex
	sources map[string]*source  // nil for files that are not there
	open    map[string]bool     // set by SetContent
	stats   map[string]bool     // path is a regular file
	configs map[string]*config  // by directory
	units   map[string]*unitMem // by main source
	scans   map[string]map[string][]string
	envs    map[string]*env
	flags   map[string]*flagFile
	builds  map[string][]string // sources that the build.rs of a directory names
	gen     uint64              // counts changes
}

// A unitMem is the last unit of a source, and what it was made of.
type unitMem struct {
	mu   sync.Mutex // held while the unit is made
	unit *Unit
	res  *fileResult
	conf *config
	gen  uint64
}

// New gives an empty index.
func New(fsys FS, cfg Config) *Index {
	x := &Index{fs: fsys, conf: cfg, open: map[string]bool{}}
	x.sources = map[string]*source{}
	x.units = map[string]*unitMem{}
	x.envs = map[string]*env{}
	x.forget()
	return x
}

// forget drops everything that hangs on which files exist. The caller holds
// mu, or nobody else knows x.
func (x *Index) forget() {
	x.stats = map[string]bool{}
	x.scans = map[string]map[string][]string{}
	x.flags = map[string]*flagFile{}
	x.builds = map[string][]string{}
	x.configs = map[string]*config{}
	for p, s := range x.sources {
		if s == nil {
			delete(x.sources, p)
		}
	}
}

func clean(p string) string { return path.Clean(strings.ReplaceAll(p, "\\", "/")) }

// SetContent makes content what path holds from now on, whatever is on disk.
// The caller must not change content afterwards.
func (x *Index) SetContent(p string, content []byte) {
	p = clean(p)
	x.mu.RLock()
	old := x.sources[p]
	x.mu.RUnlock()
	var s *source
	if old != nil {
		s = old.edit(content)
	} else {
		s = newSource(p, content)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.open[p] && old == nil {
		x.forget() // a file that was not there before, maybe
	}
	x.open[p] = true
	x.sources[p] = s
	x.gen++
}

// Forget goes back to what is on disk.
func (x *Index) Forget(p string) {
	p = clean(p)
	x.mu.Lock()
	delete(x.open, p)
	x.mu.Unlock()
	x.Invalidate(p)
}

// Invalidate tells that a file was made, changed or removed on disk.
func (x *Index) Invalidate(p string) {
	p = clean(p)
	x.mu.RLock()
	open, old := x.open[p], x.sources[p]
	x.mu.RUnlock()
	if open {
		return
	}
	var next *source
	content, err := x.fs.ReadFile(p)
	if err == nil && old != nil {
		next = old.edit(content)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gen++
	if next != nil {
		x.sources[p] = next
		return
	}
	delete(x.sources, p)
	x.forget()
}

// load gives the current version of a file, nil when it cannot be read.
func (x *Index) load(p string) *source {
	x.mu.RLock()
	s, ok := x.sources[p]
	x.mu.RUnlock()
	if ok {
		return s
	}
	content, err := x.fs.ReadFile(p)
	if err == nil {
		s = newSource(p, content)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if have, ok := x.sources[p]; ok {
		return have
	}
	x.sources[p] = s
	return s
}

// exists tells whether path is a file that can be included.
func (x *Index) exists(p string) bool {
	x.mu.RLock()
	s, loaded := x.sources[p]
	known, ok := x.stats[p]
	x.mu.RUnlock()
	if loaded && s != nil {
		return true
	}
	if ok {
		return known
	}
	info, err := x.fs.Stat(p)
	known = err == nil && info.Mode().IsRegular()
	x.mu.Lock()
	x.stats[p] = known
	x.mu.Unlock()
	return known
}

// headers gives the paths of all headers below root by their base names.
func (x *Index) headers(root string) map[string][]string {
	x.mu.RLock()
	m, ok := x.scans[root]
	x.mu.RUnlock()
	if ok {
		return m
	}
	m = map[string][]string{}
	walkFiles(x.fs, root, func(p string) {
		if strings.HasSuffix(p, ".h") && path.Base(p) != "vmlinux.h" || strings.HasSuffix(p, ".bpf.c") {
			m[path.Base(p)] = append(m[path.Base(p)], p)
		}
	})
	x.mu.Lock()
	x.scans[root] = m
	x.mu.Unlock()
	return m
}

// Unit gives the translation unit rooted at a source, as it is now. It fails
// only when that source cannot be read.
func (x *Index) Unit(ctx context.Context, p string) (*Unit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p = clean(p)
	x.mu.Lock()
	mem := x.units[p]
	if mem == nil {
		mem = &unitMem{}
		x.units[p] = mem
	}
	gen := x.gen
	x.mu.Unlock()
	mem.mu.Lock()
	defer mem.mu.Unlock()
	if mem.unit != nil && mem.gen == gen {
		return mem.unit, nil
	}
	s := x.load(p)
	if s == nil {
		_, err := x.fs.ReadFile(p)
		if err == nil {
			err = fmt.Errorf("changed while it was read")
		}
		mem.unit, mem.res = nil, nil
		return nil, fmt.Errorf("source %q: %w", p, err)
	}
	conf := x.configFor(p)
	b := builders.Get().(*builder)
	defer b.release()
	b.x, b.conf = x, conf
	if mem.unit != nil && mem.res.src == s && mem.conf == conf && b.current(mem.res.uses) {
		mem.gen = gen
		return mem.unit, nil
	}
	res := b.file(s, conf.env, 0)
	mem.unit = newUnit(res, mem.unit)
	mem.res, mem.conf, mem.gen = res, conf, gen
	return mem.unit, nil
}

// Includers gives the main sources of all known units that a file is part of.
func (x *Index) Includers(p string) []string {
	p = clean(p)
	x.mu.RLock()
	mems := make(map[string]*unitMem, len(x.units))
	for main, mem := range x.units {
		mems[main] = mem
	}
	x.mu.RUnlock()
	var out []string
	for main, mem := range mems {
		mem.mu.Lock()
		u := mem.unit
		mem.mu.Unlock()
		if u == nil {
			continue
		}
		for _, f := range u.Files {
			if f.Path == p {
				out = append(out, main)
				break
			}
		}
	}
	sort.Strings(out)
	return out
}

func sortStrings(s []string) { sort.Strings(s) }

// IdentAt gives the identifier at an offset of a source, or right before it,
// and its span; "" when there is none.
func IdentAt(content []byte, off int) (string, Span) {
	off = min(max(off, 0), len(content))
	word := func(c byte) bool { return class[c] == cIdent || class[c] == cDigit }
	start, end := off, off
	for start > 0 && word(content[start-1]) {
		start--
	}
	for end < len(content) && word(content[end]) {
		end++
	}
	if start == end || class[content[start]] == cDigit {
		return "", Span{off, off}
	}
	return string(bytes.Clone(content[start:end])), Span{start, end}
}
