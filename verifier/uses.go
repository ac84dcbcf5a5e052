package verifier

import (
	"context"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Use is a kfunc that a function gets to, whoever calls that function.
type Use struct {
	Name    string // what the kernel calls it
	Kernels []*btfdb.Kernel
	Unsure  bool // on all of them; see Way.Unsure
	// First is the call in the function itself that leads there.
	First *cindex.Call
}

// Uses lists the kfuncs that a function of a unit gets to, directly and through
// other functions, with the kernels on which it does: in the order of First and
// of names.
func (c *Checker) Uses(ctx context.Context, u *cindex.Unit, fn *cindex.Func, linked ...*cindex.Unit) []Use {
	o := c.object(u, linked)
	o.mu.Lock()
	defer o.mu.Unlock()
	r := &run{ctx: ctx, checker: c, object: o, units: sorted(u, linked)}
	r.unit = slices.Index(r.units, u)
	var out []Use
	for _, w := range r.walkers() {
		out = w.uses(out, r.unit, fn)
	}
	slices.SortStableFunc(out, func(a, b Use) int {
		if a.First.At != b.First.At {
			return a.First.At.Start - b.First.At.Start
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// uses adds what a function gets to on the kernels of a world.
func (w *walker) uses(out []Use, unit int, fn *cindex.Func) []Use {
	start := w.graph.ofFunc(unit, fn)
	w.graph.grow()
	s := search{graph: w.graph, mode: everywhere}
	s.leaves = func(at int, v visit, ext *external) {
		on := v.on & ext.has
		first := v.edge
		for i := at; s.queue[i].from >= 0; i = s.queue[i].from {
			first = s.queue[i].edge
		}
		for on != 0 {
			out = addUse(out, start.call(first), ext.name, w.world.kernels[on.pop()], v.doubt() > 0)
		}
	}
	s.run(visit{st: w.graph.state(start, nil), on: w.world.all})
	return out
}

// addUse adds a kernel to the use that is there already, or a use.
func addUse(out []Use, first *cindex.Call, name string, k *btfdb.Kernel, unsure bool) []Use {
	for i := range out {
		u := &out[i]
		if u.First != first || u.Name != name {
			continue
		}
		if !slices.Contains(u.Kernels, k) {
			u.Kernels = append(u.Kernels, k)
		}
		u.Unsure = u.Unsure && unsure
		return out
	}
	return append(out, Use{name, []*btfdb.Kernel{k}, unsure, first})
}
