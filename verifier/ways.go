package verifier

import (
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Way is one way in which control gets to a function on one kernel: what
// calls of kfuncs there are judged by.
type Way struct {
	Root    Root
	Kernel  *btfdb.Kernel
	Context btfdb.Context   // as the kernel judges calls there, callbacks considered
	Async   cindex.CallKind // CallTimer or CallWork in such a callback; else CallDirect
	// Unsure says that it hangs on what is not known of the kernel or the
	// build, or on a variable that the loader would have to set.
	Unsure bool

	walk *walker
	at   int
}

// Chain lists the calls from the program to the function, the one that calls
// it last. It is empty when the function is the program.
func (w Way) Chain() []Step {
	s := &w.walk.queue[w.at]
	if s.from < 0 {
		return nil
	}
	return w.walk.chain(s.from, s.edge)
}

// Ways lists the ways to a function, walked as the kernels' verifiers would: in
// the order of roots, then of kernels. A way that is certain hides those to the
// same context that are not.
func Ways(u *cindex.Unit, kernels []*btfdb.Kernel, fn *cindex.Func) []Way {
	roots := Roots(u)
	g := newGraph(u, roots)
	target := g.byFn[fn]
	if target == nil {
		return nil
	}
	views := make([]*view, len(kernels))
	for i, k := range kernels {
		views[i] = newView(g, k)
	}
	callers := g.callers(target)
	var out []Way
	for _, r := range roots {
		if !callers[g.byFn[r.Program.Func].id] {
			continue
		}
		for _, v := range views {
			if w := walkFrom(v, r, func(Reached) {}); w != nil {
				out = w.ways(out, target)
			}
		}
	}
	return out
}

// ways adds what a finished walk knows of a function, one for each kind of
// callback.
func (w *walker) ways(out []Way, target *node) []Way {
	first := len(out)
	for i := range w.queue {
		s := &w.queue[i]
		if s.node != target {
			continue
		}
		way := Way{
			Root: w.root, Kernel: w.kernel, Context: w.ctx, Async: s.async,
			Unsure: s.unsure || s.rodata != "", walk: w, at: i,
		}
		switch s.async {
		case cindex.CallTimer:
			way.Context = w.kernel.In(w.ctx, btfdb.Timer)
		case cindex.CallWork:
			way.Context = w.kernel.In(w.ctx, btfdb.Workqueue)
		}
		out = mergeWay(out, first, way)
	}
	return out
}

// mergeWay adds a way to those from an index on.
func mergeWay(out []Way, first int, way Way) []Way {
	for i := first; i < len(out); i++ {
		if out[i].Async == way.Async {
			if out[i].Unsure && !way.Unsure {
				out[i] = way
			}
			return out
		}
	}
	return append(out, way)
}

// callers gives the functions from which calls lead to a function, itself
// included, whatever guards them.
func (g *graph) callers(target *node) []bool {
	in := make([]bool, len(g.nodes))
	in[target.id] = true
	for changed := true; changed; {
		changed = false
		for _, n := range g.nodes {
			for e := 0; e < len(n.edges) && !in[n.id]; e++ {
				if to := n.edges[e].to; to != nil && in[to.id] {
					in[n.id], changed = true, true
				}
			}
		}
	}
	return in
}
