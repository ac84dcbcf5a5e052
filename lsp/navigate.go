package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// everyUnit visits the units of the workspace's sources and of the open
// documents, that of a spot first. Reading them all can take long: it ends
// with ctx.
func (s *Server) everyUnit(ctx context.Context, first *cindex.Unit, visit func(*cindex.Unit)) {
	seen := map[string]bool{}
	if first != nil {
		seen[first.Main.Path] = true
		visit(first)
	}
	paths := s.folders.sources(ctx)
	for path := range snapshotFrom(ctx).byPath {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if seen[path] || ctx.Err() != nil {
			continue
		}
		seen[path] = true
		if doc := snapshotFrom(ctx).byPath[path]; doc != nil && (doc.tooLarge() || !mayHoldBPF(doc.path, doc.mapper.content)) {
			continue
		}
		if u, err := s.analyzer.Unit(ctx, path); err == nil {
			visit(u)
		}
	}
}

// A placeSet collects places, each once, in the order in which they come.
type placeSet struct {
	list []cindex.Loc
	seen map[placeKey]bool
}

type placeKey struct {
	path       string
	start, end int
}

func keyAt(l cindex.Loc) placeKey { return placeKey{l.File.Path, l.Span.Start, l.Span.End} }

func (p *placeSet) add(l cindex.Loc) {
	if l.File == nil || p.seen[keyAt(l)] {
		return
	}
	if p.seen == nil {
		p.seen = map[placeKey]bool{}
	}
	p.seen[keyAt(l)] = true
	p.list = append(p.list, l)
}

// locations turns places into the client's, nil for none.
func (s *Server) locations(ctx context.Context, places []cindex.Loc) protocol.LocationSlice {
	c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
	var out protocol.LocationSlice
	for _, l := range places {
		out = append(out, c.location(l))
	}
	return out
}

// baseKfunc gives the kfunc that a name of a source stands for, without what
// tells its forms apart; "" when no known kernel has it.
func (s *Server) baseKfunc(name string) string {
	if newestKfunc(s.analyzer.Kernels(), name) == nil {
		return ""
	}
	for {
		base := verifier.KernelName(name)
		if base == name {
			return name
		}
		name = base
	}
}

// forms lists the names under which a unit declares a kfunc, the plain one
// included.
func forms(u *cindex.Unit, kfunc string) []string {
	out := []string{kfunc}
	for _, x := range u.Externs {
		if x.Func && x.Name != kfunc && verifier.Wraps(x.Name, kfunc) && !slices.Contains(out, x.Name) {
			out = append(out, x.Name)
		}
	}
	return out
}
