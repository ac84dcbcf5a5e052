package verifier

import (
	"context"
	"slices"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A walker walks the programs of an object for the kernels of a world, and
// remembers the walks: after an edit it repeats those that the edit touches.
type walker struct {
	world *world
	graph *graph
	roots []Root
	walks map[rootKey]*walk
}

// A rootKey tells a root from all others, in any version of the sources.
type rootKey struct {
	node   *node
	name   string
	place  placeKey
	unsure bool
}

// A walk is what a program gets to in one context.
type walk struct {
	place *place
	start *node
	queue []visit // in the order of the search
	hits  []hit
	by    []bool // by node: whether it went there
	// refused tells of a call, as its author sees it, which kernels refuse it
	// for certain, whatever for.
	refused map[step]kset
}

// through tells whether the walk goes through a function.
func (w *walk) through(n *node) bool { return n.id < len(w.by) && w.by[n.id] }

// A hit is a call that some kernels refuse.
type hit struct {
	at int // index in walk.queue of what makes it
	visit
	ext *external
	*answers
	site step   // the innermost call that is no part of a wrapper
	name string // of the kfunc there
}

// update brings the walks up to the newest sources. They are incomplete when
// ctx ends.
func (w *walker) update(ctx context.Context, units []*cindex.Unit) {
	var changed []*node
	ok := false
	if w.graph != nil {
		changed, ok = w.graph.follow(units)
	}
	if !ok {
		w.graph, w.walks = newGraph(w.world, units), nil
	}
	w.roots = objectRoots(units)
	for i := range w.roots {
		w.graph.ofFunc(w.roots[i].unit, w.roots[i].Program.Func)
	}
	w.graph.grow()
	walks := make(map[rootKey]*walk, len(w.roots))
	for i := range w.roots {
		if ctx.Err() != nil {
			w.graph = nil // what was walked so far is of no use to anybody
			return
		}
		r := &w.roots[i]
		key := w.key(r)
		old := w.walks[key]
		if old == nil || slices.ContainsFunc(changed, old.through) {
			old = w.walk(r, key.node, old)
		}
		walks[key], r.walk = old, old
	}
	w.walks = walks
}

func (w *walker) key(r *Root) rootKey {
	k := rootKey{node: w.graph.ofFunc(r.unit, r.Program.Func), place: placeKey{r.Program.Section, r.Program.Sleepable}, unsure: r.unsure()}
	if r.Wiring != nil {
		k.name = r.Name
	}
	return k
}

// walk walks a program; old is how it was before an edit, which tells how much
// there will be.
func (w *walker) walk(r *Root, start *node, old *walk) *walk {
	out := &walk{place: w.world.place(*r), start: start}
	s := search{graph: w.graph}
	if old != nil {
		s.queue = make([]visit, 0, len(old.queue)+len(old.queue)/8)
	}
	var asked [asyncKinds][]*answers // by external
	for i := range asked {
		asked[i] = make([]*answers, len(w.graph.exts))
	}
	seen := map[hitKey]*[doubts]kset{}
	s.leaves = func(at int, v visit, ext *external) {
		a := asked[v.async][ext.id]
		if a == nil {
			a = w.world.ask(out.place, ext.callee, v.async)
			asked[v.async][ext.id] = a
		}
		if v.on &= a.refused & ext.judge; v.on == 0 {
			return
		}
		h := hit{at: at, visit: v, ext: ext, answers: a}
		if h.on = h.fresh(seen, s.queue[at].st.node); h.on != 0 {
			out.hits = append(out.hits, h)
		}
	}
	s.run(visit{st: w.graph.state(start, nil), on: out.place.known, unsure: r.unsure()})
	out.queue = s.queue
	out.by = make([]bool, len(w.graph.nodes))
	for i := range out.queue {
		out.by[out.queue[i].st.node.id] = true
	}
	out.locate()
	return out
}

// calledAs is a call that wraps a kfunc, or is one.
type calledAs struct {
	step  step
	kfunc string
}

// locate finds where to show the hits.
func (w *walk) locate() {
	w.refused = map[step]kset{}
	names := map[calledAs]string{}
	for i := range w.hits {
		h := &w.hits[i]
		h.site = w.last(h, h.wrapping(w))
		as := calledAs{h.site, h.ext.name}
		name, ok := names[as]
		if !ok {
			name = authorName(steps([]step{h.site})[0], h.ext.name)
			names[as] = name
		}
		h.name = name
		if h.doubt() == 0 {
			w.refused[h.site] |= h.on
		}
	}
}

// A hitKey is a call as its author sees it.
type hitKey struct {
	node  *node
	edge  int
	ext   *external
	async cindex.CallKind
}

// fresh gives the kernels for which no way to the same call with less doubt
// was met before. Of a kfunc that a build has but nobody can call, one call of
// the program stands for all.
func (h *hit) fresh(seen map[hitKey]*[doubts]kset, n *node) kset {
	broken := h.on & h.by[btfdb.NotCallable]
	on := unmet(seen, hitKey{n, h.edge, h.ext, h.async}, h.doubt(), h.on&^broken)
	if broken != 0 {
		on |= unmet(seen, hitKey{ext: h.ext}, h.doubt(), broken)
	}
	return on
}

func unmet(seen map[hitKey]*[doubts]kset, key hitKey, doubt int, on kset) kset {
	if on == 0 {
		return 0
	}
	row := seen[key]
	if row == nil {
		row = &[doubts]kset{}
		seen[key] = row
	}
	on &^= row[0] | row[doubt]
	row[doubt] |= on
	return on
}

// chain lists the calls from the program to a hit, that call last.
func (w *walk) chain(h *hit) []Step {
	s := search{queue: w.queue}
	return steps(append(append(s.path(h.at), step{w.queue[h.at].st.node, h.edge}), h.path...))
}

// last gives the n-th call from the end of the chain; one without a node when
// the chain is shorter.
func (w *walk) last(h *hit, n int) step {
	v, at := &h.visit, h.at
	for at >= 0 {
		if n < len(v.path) {
			return v.path[len(v.path)-1-n]
		}
		if n -= len(v.path); n == 0 {
			return step{w.queue[at].st.node, v.edge}
		}
		n--
		v = &w.queue[at]
		at = v.from
	}
	return step{}
}

func steps(path []step) []Step {
	out := make([]Step, len(path))
	for i, p := range path {
		fn, c := p.node.fn, p.node.call(p.edge)
		out[i] = Step{
			Function: fn.Name, At: cindex.Loc{File: fn.At.File, Span: c.At}, Callee: c.Callee, Via: c.Via, Kind: c.Kind,
		}
	}
	return out
}
