package cindex

import (
	"io/fs"
	"path"
	"strings"
	"sync"
)

// A query is a question to the include search.
type query struct {
	from   string // the file with the #include
	spec   string
	system bool
	next   bool
}

// A config is how the units of one directory are compiled: where headers are
// looked for, and what is defined.
type config struct {
	x    *Index
	dirs []string // -I and its like
	home string   // directory of the sources
	env  *env

	mu    sync.Mutex
	found map[query]string
}

// find gives the path of a header, "" when there is none.
func (c *config) find(q query) string {
	if q.system && !q.next {
		q.from = ""
	} else {
		q.from = path.Dir(q.from)
	}
	c.mu.Lock()
	p, ok := c.found[q]
	c.mu.Unlock()
	if ok {
		return p
	}
	p = c.search(q)
	c.mu.Lock()
	if c.found == nil {
		c.found = map[query]string{}
	}
	c.found[q] = p
	c.mu.Unlock()
	return p
}

func (c *config) search(q query) string {
	if q.spec == "" || strings.ContainsRune(q.spec, 0) || len(q.spec) > 1024 {
		return ""
	}
	if path.IsAbs(q.spec) {
		return c.try("", q.spec, q)
	}
	if !q.system && !q.next {
		if p := c.try(q.from, q.spec, q); p != "" {
			return p
		}
	}
	for _, d := range c.dirs {
		if p := c.try(d, q.spec, q); p != "" {
			return p
		}
	}
	if isSystem(q.spec) {
		return ""
	}
	return c.byConvention(q)
}

// isSystem tells of headers of the C library and of the kernel's user API.
// They hold no functions that a BPF program could call.
func isSystem(spec string) bool {
	dir, _, ok := strings.Cut(spec, "/")
	if !ok {
		switch strings.TrimSuffix(dir, ".h") {
		case "stdbool", "stddef", "stdint", "stdarg", "stdio", "stdlib", "string", "errno", "limits",
			"time", "unistd", "stdatomic", "assert", "inttypes":
			return true
		}
		return false
	}
	switch dir {
	case "linux", "asm", "asm-generic", "sys", "net", "netinet", "arpa", "uapi", "bits", "gnu":
		return true
	}
	return false
}

func (c *config) try(dir, spec string, q query) string {
	p := path.Join(dir, spec)
	if q.next && path.Dir(p) == q.from {
		return ""
	}
	if c.x.exists(p) {
		return p
	}
	return ""
}

// conventions are the places below a parent directory of a source where the
// trees of sched_ext, the kernel and libbpf keep their headers.
var conventions = []string{
	"include", "include/bpf-compat", "scheds/include", "scheds/include/bpf-compat",
	"sched_ext/include", "sched_ext/include/bpf-compat",
	"tools/sched_ext/include", "tools/sched_ext/include/bpf-compat",
	"lib", "tools/lib", "src", "usr/include", "",
}

// maxParents bounds the walk up from a source.
const maxParents = 12

func (c *config) byConvention(q query) string {
	dir := c.home
	for range maxParents {
		for _, sub := range conventions {
			if p := c.try(path.Join(dir, sub), q.spec, q); p != "" {
				return p
			}
		}
		if dir == "/" || dir == "." || dir == "" {
			break
		}
		dir = path.Dir(dir)
	}
	if p := c.scan(q); p != "" {
		return p
	}
	for _, d := range []string{"/usr/include", "/usr/local/include"} {
		if p := c.try(d, q.spec, q); p != "" {
			return p
		}
	}
	return ""
}

// scan looks for the header anywhere in the workspace. Of several the one
// that is nearest to the sources is taken.
func (c *config) scan(q query) string {
	spec := path.Clean(q.spec)
	for strings.HasPrefix(spec, "../") {
		spec = spec[3:]
	}
	best, score := "", -1
	for _, root := range c.x.conf.Roots {
		for _, p := range c.x.headers(root)[path.Base(spec)] {
			if !strings.HasSuffix(p, "/"+spec) || q.next && path.Dir(p) == q.from {
				continue
			}
			if n := commonDirs(p, c.home); n > score || n == score && p < best {
				best, score = p, n
			}
		}
	}
	return best
}

// commonDirs counts the leading directories that two paths share.
func commonDirs(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}

// Limits of a walk over a workspace.
const (
	maxDirs  = 20_000
	maxFiles = 200_000
)

// walkFiles calls f for every file below root. Links to directories that were
// seen already, and those that lead out of root, are not followed.
func walkFiles(fsys FS, root string, f func(p string)) {
	seen := map[string]bool{}
	queue := []string{root}
	files := 0
	for len(queue) > 0 && len(seen) < maxDirs && files < maxFiles {
		dir := queue[0]
		queue = queue[1:]
		real, err := fsys.RealPath(dir)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		entries, err := fsys.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			p := path.Join(dir, e.Name())
			isDir := e.IsDir()
			if e.Type()&fs.ModeSymlink != 0 {
				info, err := fsys.Stat(p)
				if err != nil {
					continue
				}
				isDir = info.IsDir()
			}
			switch {
			case !isDir:
				files++
				f(p)
			case !skipDir(e.Name()):
				queue = append(queue, p)
			}
		}
	}
}

// skipDir tells of directories that hold no sources of a scheduler.
func skipDir(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "target"
}

// Sources lists the BPF sources (*.bpf.c) below root, in a stable order.
func Sources(fsys FS, root string) []string {
	var out []string
	walkFiles(fsys, root, func(p string) {
		if strings.HasSuffix(p, ".bpf.c") {
			out = append(out, p)
		}
	})
	sortStrings(out)
	return out
}
