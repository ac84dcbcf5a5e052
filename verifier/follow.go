package verifier

import (
	"slices"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// maxKeptStates is how many states a graph gathers from edit to edit before it
// is made anew.
const maxKeptStates = 50000

// follow takes over newer versions of the sources. It gives the functions whose
// calls changed; false when more than that did, and a new graph must be made.
func (g *graph) follow(units []*cindex.Unit) (changed []*node, ok bool) {
	if len(units) != len(g.units) || g.states > maxKeptStates {
		return nil, false
	}
	for i, u := range units {
		if !sameFunctions(g.units[i], u) {
			return nil, false
		}
	}
	for i, u := range units {
		for j, fn := range u.Own() {
			n := g.own[i][j]
			if n == nil {
				continue
			}
			if n.fn.Key() != fn.Key() && !sameCalls(n.fn.Calls, fn.Calls) {
				changed = append(changed, n)
			}
			n.fn = fn
		}
	}
	g.units = units
	return changed, g.recall(changed)
}

// sameFunctions tells whether two versions of a unit define the same functions,
// whatever is in them.
func sameFunctions(old, u *cindex.Unit) bool {
	if old == u {
		return true
	}
	a, b := old.Own(), u.Own()
	if old.Main.Path != u.Main.Path || len(a) != len(b) || !old.SameHeaders(u) {
		return false
	}
	for i := range a {
		if a[i].Key() != b[i].Key() && !sameHead(a[i], b[i]) {
			return false
		}
	}
	return sameKsyms(old.Externs, u.Externs)
}

func sameHead(a, b *cindex.Func) bool {
	return a.Name == b.Name && a.Static == b.Static && a.Weak == b.Weak && a.Unsure == b.Unsure &&
		slices.Equal(a.Params, b.Params)
}

func sameKsyms(a, b []*cindex.Extern) bool {
	return slices.EqualFunc(a, b, func(x, y *cindex.Extern) bool { return x.Name == y.Name && x.Func == y.Func })
}

// recall resolves the calls of functions that changed; false when that changes
// how others are walked.
func (g *graph) recall(changed []*node) bool {
	if len(changed) == 0 {
		return true
	}
	old := len(g.nodes)
	marks := make([]bool, old)
	for i, n := range g.nodes {
		marks[i] = n.byArgs
	}
	for _, n := range changed {
		library := n.library
		g.resolve(n)
		if n.library || library {
			return false // others rest on the ways through it
		}
		n.forget()
	}
	g.grow()
	for _, n := range g.nodes {
		n.byArgs = false
	}
	g.markByArgs()
	for i := range marks {
		if g.nodes[i].byArgs != marks[i] {
			return false
		}
	}
	return true
}

// forget drops what was worked out of a function's calls.
func (n *node) forget() {
	if n.plain != nil {
		n.plain.reset()
	}
	for _, s := range n.known {
		s.reset()
	}
}

func (s *state) reset() { s.hops, s.made, s.tails, s.wrapped = nil, false, nil, false }

// sameCalls tells whether two versions of a function call the same in the same
// way, wherever the calls stand.
func sameCalls(a, b []cindex.Call) bool {
	return slices.EqualFunc(a, b, func(x, y cindex.Call) bool {
		return x.Callee == y.Callee && x.Kind == y.Kind && x.Helper == y.Helper && x.Unsure == y.Unsure &&
			sameExprs(x.Args, y.Args) && sameExprs(x.Guards, y.Guards)
	})
}

func sameExprs(a, b []*cindex.Expr) bool {
	return slices.EqualFunc(a, b, func(x, y *cindex.Expr) bool { return sameExpr(x, y, 0) })
}

func sameExpr(a, b *cindex.Expr, depth int) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || depth > maxDepth {
		return false
	}
	return a.Op == b.Op && a.Name == b.Name && a.Type == b.Type && a.Int == b.Int &&
		sameExpr(a.X, b.X, depth+1) && sameExpr(a.Y, b.Y, depth+1)
}
