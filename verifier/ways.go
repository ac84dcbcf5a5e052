package verifier

import (
	"context"

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

	queue []visit
	at    int
}

// Chain lists the calls from the program to the function, the one that calls
// it last. It is empty when the function is the program.
func (w Way) Chain() []Step {
	s := search{queue: w.queue}
	return steps(s.path(w.at))
}

// Ways lists the ways to a function, walked as the kernels' verifiers would: in
// the order of roots, then of kernels. A way that is certain hides those to the
// same context that are not.
func Ways(u *cindex.Unit, kernels []*btfdb.Kernel, fn *cindex.Func) []Way {
	return NewChecker(kernels, nil).Ways(context.Background(), u, fn)
}

// Ways is [Ways], with what the checker remembers.
func (c *Checker) Ways(ctx context.Context, u *cindex.Unit, fn *cindex.Func, linked ...*cindex.Unit) []Way {
	o := c.object(u, linked)
	o.mu.Lock()
	defer o.mu.Unlock()
	r := &run{ctx: ctx, checker: c, object: o, units: sorted(u, linked)}
	for i := range r.units {
		if r.units[i] == u {
			r.unit = i
		}
	}
	return r.ways(fn)
}

// ways adds the ways to a function of a unit.
func (w *walker) ways(out []Way, unit int, fn *cindex.Func) []Way {
	target := w.graph.known(unit, fn)
	if target == nil {
		return out
	}
	for _, r := range w.roots {
		queue := r.walk.queue
		switch {
		case target.library:
			s := search{graph: w.graph, mode: everywhere, leaves: func(int, visit, *external) {}}
			s.run(visit{st: w.graph.state(r.walk.start, nil), on: r.walk.place.known, unsure: r.unsure()})
			queue = s.queue
		case !r.walk.through(target):
			continue
		}
		out = w.along(out, r, queue, target)
	}
	return out
}

// along adds what a walk knows of a function, for each kernel one way for each
// kind of callback.
func (w *walker) along(out []Way, r Root, queue []visit, target *node) []Way {
	var on kset
	for i := range queue {
		if queue[i].st.node == target {
			on |= queue[i].on
		}
	}
	for on != 0 {
		k := on.pop()
		first := len(out)
		for i := range queue {
			v := &queue[i]
			if v.st.node == target && v.on&(1<<k) != 0 {
				out = mergeWay(out, first, Way{
					Root: r, Kernel: w.world.kernels[k], Async: v.async, Unsure: v.doubt() > 0, queue: queue, at: i,
					Context: deferred(w.world.kernels[k], r.walk.place.contexts[k], v.async),
				})
			}
		}
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

// known gives the node of a function, nil when no program gets near it.
func (g *graph) known(unit int, fn *cindex.Func) *node {
	if j, ok := g.at[unit][fn.Name]; ok && g.units[unit].Own()[j] == fn {
		return g.own[unit][j]
	}
	return g.heads[fn]
}
