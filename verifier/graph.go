package verifier

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A graph is the sources of an object made ready for walking: each call is
// resolved once, for all programs and kernels. It holds what the programs
// reach, and follows the sources from edit to edit.
type graph struct {
	world *world
	units []*cindex.Unit
	nodes []*node
	own   [][]*node        // by unit and index in Own(); nil for what is not reached
	at    []map[string]int // by unit: where in Own() a name is defined
	heads map[*cindex.Func]*node
	ksyms []map[string]bool // by unit: declared kernel symbols; true for functions
	exts  map[extKey]*external

	states int    // how many there are
	epoch  uint32 // of the newest search
}

// A node is a function.
type node struct {
	id      int
	fn      *cindex.Func // of the newest unit
	unit    int
	library bool // not what the scheduler's author wrote, but a part of the calls to it
	edges   []edge
	looks   bool    // a guard looks at a parameter
	hands   []*node // callees that get a parameter handed down
	// byArgs tells that the constants that a caller passes can decide what is
	// reached. Of other functions they are forgotten, so that these are walked
	// once and not once for each set of constants.
	byArgs bool
	plain  *state            // nothing is known of the arguments
	known  map[string]*state // by what is known of them
}

// An edge is a call.
type edge struct {
	call int       // index in fn.Calls
	to   *node     // nil when the callee is outside the object
	ext  *external // when to is nil
}

// An external is a function outside the object.
type external struct {
	*callee
	id    int  // among those of the graph
	judge kset // kernels that have the kfunc; all when it is declared as one
}

type extKey struct {
	unit int
	name string // as declared
}

func newGraph(w *world, units []*cindex.Unit) *graph {
	g := &graph{world: w, units: units, heads: map[*cindex.Func]*node{}, exts: map[extKey]*external{}}
	g.own = make([][]*node, len(units))
	g.at = make([]map[string]int, len(units))
	g.ksyms = make([]map[string]bool, len(units))
	for i, u := range units {
		g.own[i] = make([]*node, len(u.Own()))
		g.at[i] = make(map[string]int, len(u.Own()))
		for j, fn := range u.Own() {
			if u.Func(fn.Name) == fn {
				g.at[i][fn.Name] = j
			}
		}
		g.ksyms[i] = make(map[string]bool, len(u.Externs))
		for _, x := range u.Externs {
			g.ksyms[i][x.Name] = x.Func
		}
	}
	return g
}

// grow resolves the calls of new nodes, which may bring newer ones.
func (g *graph) grow() {
	first := len(g.nodes)
	for first > 0 && g.nodes[first-1].edges == nil {
		first--
	}
	if first == len(g.nodes) {
		return
	}
	for ; first < len(g.nodes); first++ {
		g.resolve(g.nodes[first])
	}
	g.markByArgs()
}

func (g *graph) ofFunc(unit int, fn *cindex.Func) *node {
	if j, ok := g.at[unit][fn.Name]; ok && g.units[unit].Own()[j] == fn {
		return g.ofOwn(unit, j)
	}
	n := g.heads[fn]
	if n == nil {
		n = g.add(unit, fn)
		g.heads[fn] = n
	}
	return n
}

func (g *graph) ofOwn(unit, j int) *node {
	n := g.own[unit][j]
	if n == nil {
		n = g.add(unit, g.units[unit].Own()[j])
		g.own[unit][j] = n
	}
	return n
}

func (g *graph) add(unit int, fn *cindex.Func) *node {
	n := &node{id: len(g.nodes), fn: fn, unit: unit}
	g.nodes = append(g.nodes, n)
	return n
}

// find gives the function that a name means in a unit: its own, or, as the
// linker sees it, one that another source of the object exports.
func (g *graph) find(unit int, name string) *node {
	fn := g.units[unit].Func(name)
	if fn == nil || fn.Weak {
		for i := range g.units {
			if j, ok := g.at[i][name]; ok && i != unit {
				if o := g.units[i].Own()[j]; !o.Static && (fn == nil || !o.Weak) {
					return g.ofOwn(i, j)
				}
			}
		}
	}
	if fn == nil {
		return nil
	}
	return g.ofFunc(unit, fn)
}

// resolve finds what a node calls.
func (g *graph) resolve(n *node) {
	n.edges = make([]edge, 0, len(n.fn.Calls))
	n.looks, n.hands = false, nil
	n.library = IsLibrary(n.fn.At.File.Path)
	for i := range n.fn.Calls {
		c := &n.fn.Calls[i]
		if to := g.find(n.unit, c.Callee); to != nil {
			n.edges = append(n.edges, edge{call: i, to: to})
			if anyParam(c.Args) {
				n.hands = append(n.hands, to)
			}
		} else if c.Kind == cindex.CallDirect {
			x := g.external(n.unit, c.Callee)
			if x.judge == 0 {
				continue
			}
			n.edges = append(n.edges, edge{call: i, ext: x})
			n.library = n.library || Wraps(n.fn.Name, x.name)
		}
		n.looks = n.looks || anyParam(c.Guards)
	}
}

func (g *graph) external(unit int, declared string) *external {
	key := extKey{unit, declared}
	x := g.exts[key]
	if x == nil {
		c := g.world.callee(KernelName(declared))
		x = &external{callee: c, id: len(g.exts), judge: c.has}
		if isKfunc(g.ksyms[unit], declared) {
			x.judge = g.world.all
		}
		g.exts[key] = x
	}
	return x
}

// isKfunc tells whether a ksym that a kernel lacks is a function: because the
// unit declares it so, or, when its header was not found, by the prefix that
// all kfuncs of sched_ext have.
func isKfunc(ksyms map[string]bool, declared string) bool {
	if fn, ok := ksyms[declared]; ok {
		return fn
	}
	return strings.HasPrefix(strings.TrimLeft(declared, "_"), "scx_bpf_")
}

// markByArgs finds the functions that look at their parameters in a guard, and
// those that hand a parameter to one that does.
func (g *graph) markByArgs() {
	for changed := true; changed; {
		changed = false
		for i := len(g.nodes) - 1; i >= 0; i-- { // callees mostly come later
			n := g.nodes[i]
			if n.byArgs || !n.fn.Static {
				continue
			}
			if n.looks || slices.ContainsFunc(n.hands, func(to *node) bool { return to.byArgs }) {
				n.byArgs, changed = true, true
			}
		}
	}
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
