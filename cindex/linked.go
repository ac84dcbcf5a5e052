package cindex

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Linked gives the other sources that are linked with a source into one
// object: as the configuration says, else as far as a build.rs in one of its
// parents tells, by what it passes to enable_skel and add_source, or one that
// borrows the source. Otherwise there are none. (make builds one object of each
// source.)
func (x *Index) Linked(p string) []string {
	p = clean(p)
	for _, group := range x.conf.Objects {
		if i := slices.IndexFunc(group, func(o string) bool { return clean(o) == p }); i >= 0 {
			return others(group, i)
		}
	}
	dir := path.Dir(p)
	for range maxParents {
		if group := x.buildFile(dir); group != nil {
			if i := slices.Index(group, p); i >= 0 {
				return others(group, i)
			}
			break
		}
		if dir == "/" || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return x.borrowed(p)
}

// borrowed gives the sources that a build.rs elsewhere links with a library's,
// as far as one that was asked about names it.
func (x *Index) borrowed(p string) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, dir := range slices.Sorted(maps.Keys(x.builds)) {
		if i := slices.Index(x.builds[dir], p); i >= 0 {
			return others(x.builds[dir], i)
		}
	}
	return nil
}

// others gives the cleaned paths of a group without the i-th.
func others(group []string, i int) []string {
	out := make([]string, 0, len(group)-1)
	for j, p := range group {
		if j != i {
			out = append(out, clean(p))
		}
	}
	return out
}

// buildFile gives the sources that the build.rs of a directory names; nil when
// there is no such file.
func (x *Index) buildFile(dir string) []string {
	x.mu.RLock()
	group, ok := x.builds[dir]
	x.mu.RUnlock()
	if ok {
		return group
	}
	if data, err := x.fs.ReadFile(path.Join(dir, "build.rs")); err == nil {
		group = append([]string{}, buildSources(string(data), dir)...)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.builds[dir] = group
	return group
}

// buildSources finds the string arguments of enable_skel and add_source, in
// the order of the file.
func buildSources(text, dir string) []string {
	var out []string
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "//")
		for _, call := range []string{"enable_skel(", "add_source("} {
			_, rest, ok := strings.Cut(code, call)
			if !ok {
				continue
			}
			_, rest, ok = strings.Cut(rest, `"`)
			name, _, closed := strings.Cut(rest, `"`)
			if p := path.Join(dir, name); ok && closed && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
