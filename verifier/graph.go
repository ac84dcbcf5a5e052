package verifier

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A graph is a unit made ready for walking: each call is resolved once, for all
// programs and kernels. It holds what the programs reach.
type graph struct {
	unit  *cindex.Unit
	nodes []*node
	byFn  map[*cindex.Func]*node
	ext   []string // what is called outside the unit, as declared
	extID map[string]int
}

// A node is a function of the unit.
type node struct {
	id    int
	fn    *cindex.Func
	edges []edge
	// byArgs tells that the constants that a caller passes can decide what is
	// reached. Of other functions they are forgotten, so that these are walked
	// once and not once for each set of constants.
	byArgs bool
}

// An edge is a call.
type edge struct {
	call *cindex.Call
	to   *node // nil when the callee is outside the unit
	ext  int   // index in graph.ext when to is nil
}

func newGraph(u *cindex.Unit, roots []Root) *graph {
	g := &graph{unit: u, byFn: map[*cindex.Func]*node{}, extID: map[string]int{}}
	for _, r := range roots {
		g.node(r.Program.Func)
	}
	for i := 0; i < len(g.nodes); i++ { // grows while callees are found
		g.resolve(g.nodes[i])
	}
	g.markByArgs()
	return g
}

func (g *graph) node(fn *cindex.Func) *node {
	n := g.byFn[fn]
	if n == nil {
		n = &node{id: len(g.nodes), fn: fn}
		g.byFn[fn] = n
		g.nodes = append(g.nodes, n)
	}
	return n
}

func (g *graph) resolve(n *node) {
	n.edges = make([]edge, 0, len(n.fn.Calls))
	for i := range n.fn.Calls {
		c := &n.fn.Calls[i]
		if fn := g.unit.Func(c.Callee); fn != nil {
			n.edges = append(n.edges, edge{call: c, to: g.node(fn)})
		} else if c.Kind == cindex.CallDirect {
			n.edges = append(n.edges, edge{call: c, ext: g.external(c.Callee)})
		}
	}
}

func (g *graph) external(name string) int {
	id, ok := g.extID[name]
	if !ok {
		id = len(g.ext)
		g.extID[name] = id
		g.ext = append(g.ext, name)
	}
	return id
}

// markByArgs finds the functions that look at their parameters in a guard, and
// those that hand a parameter to one that does.
func (g *graph) markByArgs() {
	for changed := true; changed; {
		changed = false
		for _, n := range g.nodes {
			if !n.byArgs && n.fn.Static && n.looksAtParams() {
				n.byArgs, changed = true, true
			}
		}
	}
}

func (n *node) looksAtParams() bool {
	for _, e := range n.edges {
		if anyParam(e.call.Guards) || e.to != nil && e.to.byArgs && anyParam(e.call.Args) {
			return true
		}
	}
	return false
}

func anyParam(list []*cindex.Expr) bool {
	for _, x := range list {
		if hasParam(x, 0) {
			return true
		}
	}
	return false
}

func hasParam(x *cindex.Expr, depth int) bool {
	return x != nil && depth <= maxDepth &&
		(x.Op == cindex.OpParam || hasParam(x.X, depth+1) || hasParam(x.Y, depth+1))
}

// A view is a graph as one kernel sees it.
type view struct {
	*graph
	kernel *btfdb.Kernel
	ext    []external
	paths  [][]guarded // by node and edge; decided when first asked for
}

// An external is a function outside the unit.
type external struct {
	name  string       // what the kernel calls it
	kfunc *btfdb.Kfunc // nil when the kernel has none
	judge bool         // a kfunc, or declared as one
}

// A guarded is what a kernel makes of the guards of one call.
type guarded struct {
	state  guardState
	rodata string // must differ from its default for the call to be reached
	unsure bool   // hangs on what is not known of the kernel
}

type guardState uint8

const (
	undecided guardState = iota
	byArgs               // depends on the arguments of the function
	closed
	open
)

func newView(g *graph, k *btfdb.Kernel) *view {
	v := &view{graph: g, kernel: k, ext: make([]external, len(g.ext)), paths: make([][]guarded, len(g.nodes))}
	ev := evaluator{unit: g.unit, kernel: k}
	for i, declared := range g.ext {
		name := KernelName(declared)
		kf := k.Kfunc(name)
		v.ext[i] = external{name: name, kfunc: kf, judge: kf != nil || isKfuncExtern(ev, declared)}
	}
	return v
}

// isKfuncExtern spares the search through the declarations for BPF helpers,
// which are most of what a program calls.
func isKfuncExtern(ev evaluator, declared string) bool {
	return !strings.HasPrefix(declared, "bpf_map_") && ev.isFunc(declared)
}

// path decides the guards of an edge, once if no argument has a say.
func (v *view) path(n *node, edge int, args env) guarded {
	if v.paths[n.id] == nil {
		v.paths[n.id] = make([]guarded, len(n.edges))
	}
	p := &v.paths[n.id][edge]
	guards := n.edges[edge].call.Guards
	if p.state == undecided {
		*p = guarded{state: byArgs}
		if !anyParam(guards) {
			*p = evaluator{unit: v.unit, kernel: v.kernel}.path(guards)
		}
	}
	if p.state == byArgs {
		return evaluator{unit: v.unit, kernel: v.kernel, args: args}.path(guards)
	}
	return *p
}

// path tells whether a call behind guards is walked. A guard that is false is
// never walked; one that is false only by a variable's default names it; one
// that hangs on what is not known of the kernel leaves the rest unsure.
func (e evaluator) path(guards []*cindex.Expr) guarded {
	p := guarded{state: open}
	for _, g := range guards {
		v := e.eval(g)
		switch {
		case v.isFalse() && v.rodata == "":
			return guarded{state: closed}
		case v.isFalse() && p.rodata == "":
			p.rodata = v.rodata
		case v.doubt:
			p.unsure = true
		}
	}
	return p
}
