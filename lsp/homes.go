package lsp

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// maxHomes is how many sources a header is judged in: one that fifty
// schedulers include is judged in those that are nearest to it.
const maxHomes = 4

// maxHomeScan is how many sources may be read to find them.
const maxHomeScan = 300

// homes remembers in which sources a file without programs of its own is to be
// judged. Finding them reads the workspace, so that it is done once, aside.
type homes struct {
	find func(ctx context.Context, path string) []string
	done func(path string) // called when some were found

	mu    sync.Mutex
	ctx   context.Context     // of the connection, guarded by mu; nil before there is one
	known map[string][]string // guarded by mu; a nil list is being looked for
}

// of gives what is known, and has the rest looked for.
func (h *homes) of(path string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if list, ok := h.known[path]; ok {
		return list
	}
	if h.ctx == nil {
		return nil // not serving yet
	}
	if h.known == nil {
		h.known = map[string][]string{}
	}
	known := h.known
	known[path] = nil
	go func() {
		list := h.find(h.ctx, path)
		h.mu.Lock()
		known[path] = list
		h.mu.Unlock()
		if len(list) > 0 {
			h.done(path)
		}
	}()
	return nil
}

// serve lets files be looked for, until ctx ends.
func (h *homes) serve(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ctx = ctx
}

// forget has everything looked for again: sources came, went or changed what
// they include.
func (h *homes) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known = nil
}

// findHomes looks for sources with an ops table that reach a file: first those
// that were read before, then those of the workspace, the nearest ones first.
func (s *Server) findHomes(ctx context.Context, file string) []string {
	var found []string
	try := func(source string) {
		if source == file || slices.Contains(found, source) || len(found) >= maxHomes || ctx.Err() != nil {
			return
		}
		u, err := s.analyzer.Unit(ctx, source)
		if err == nil && len(u.Tables) > 0 && slices.ContainsFunc(u.Files, func(f *cindex.File) bool { return f.Path == file }) {
			found = append(found, source)
		}
	}
	for _, source := range s.analyzer.Includers(file) {
		try(source)
	}
	sources := s.folders.sources(ctx)
	sources = append(sources, sourcesIn(path.Dir(file))...)
	slices.SortStableFunc(sources, func(a, b string) int { return commonDirs(file, b) - commonDirs(file, a) })
	for _, source := range sources[:min(len(sources), maxHomeScan)] {
		try(source)
	}
	return found
}

// foundHomes has said anew what is known of a file.
func (s *Server) foundHomes(path string) {
	s.diagnoser.wakePath(path)
	s.refreshViews()
}

// commonDirs counts the folders that two paths share, from the root on.
func commonDirs(a, b string) int {
	x, y := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
