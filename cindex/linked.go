package cindex

import (
	"path"
	"slices"
	"strings"
)

// Linked gives the other sources that are linked with a source into one
// object, as far as a build.rs in one of its parents tells: what it passes to
// enable_skel and add_source. Without one there are none. (make builds one
// object of each source.)
func (x *Index) Linked(p string) []string {
	p = clean(p)
	dir := path.Dir(p)
	for range maxParents {
		if data, err := x.fs.ReadFile(path.Join(dir, "build.rs")); err == nil {
			group := buildSources(string(data), dir)
			if i := slices.Index(group, p); i >= 0 {
				return slices.Delete(group, i, i+1)
			}
			return nil
		}
		if dir == "/" || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return nil
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
