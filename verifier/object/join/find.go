package join

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxFound bounds the objects that are looked at for a source, and maxUp the
// folders above it in which builds are looked for.
const (
	maxFound = 16
	maxUp    = 8
)

// Find lists objects that may have been built from a source, the newest first:
// beside it, in a build folder or where cargo puts what build.rs makes, in its
// folder and those above it up to the repository's, and by globs. Objects that
// are older than the source are left out. What they were built from, they tell
// themselves: see [Built.Fresh].
func Find(source string, globs []string) []string {
	st, err := os.Stat(source)
	if err != nil {
		return nil
	}
	dir := path.Dir(filepath.ToSlash(source))
	patterns := append([]string{dir + "/*.bpf.o"}, globs...)
	for range maxUp {
		for _, below := range []string{"build/*.bpf.o", "build/*/*.bpf.o", "target/*/build/*/out/*.bpf.o"} {
			patterns = append(patterns, dir+"/"+below)
		}
		if _, err := os.Stat(dir + "/.git"); err == nil || path.Dir(dir) == dir {
			break
		}
		dir = path.Dir(dir)
	}
	return newest(patterns, st.ModTime())
}

// newest lists what the patterns match and is no older than a time.
func newest(patterns []string, than time.Time) []string {
	made := map[string]time.Time{}
	for _, p := range patterns {
		names, _ := filepath.Glob(p) // a bad pattern matches nothing
		for _, name := range names {
			st, err := os.Stat(name)
			if err == nil && st.Mode().IsRegular() && !st.ModTime().Before(than) {
				made[filepath.ToSlash(name)] = st.ModTime()
			}
		}
	}
	out := make([]string, 0, len(made))
	for name := range made {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		if n := made[b].Compare(made[a]); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return out[:min(len(out), maxFound)]
}
