package verifier

import (
	"github.com/scx-lsp/scx-lsp/cindex"
)

// maxStates bounds one search. A real scheduler's largest program reaches a few
// hundred functions; what lies beyond is not judged.
const maxStates = 20000

// A visit is a state in the way in which a search comes to it.
type visit struct {
	st     *state
	on     kset
	async  cindex.CallKind // CallDirect, CallTimer or CallWork
	rodata string
	unsure bool
	from   int    // index of the caller's visit, -1 at the start
	edge   int    // of the call in the caller
	path   []step // through a wrapper, when that call leads to one
}

// doubt ranks how much has to come together for a visit to happen; 0: nothing.
func (v *visit) doubt() int { return doubtOf(v.rodata != "", v.unsure) }

func doubtOf(rodata, unsure bool) int {
	d := 0
	if rodata {
		d = 1
	}
	if unsure {
		d += 2
	}
	return d
}

// A search goes through a graph breadth first, so that for every kernel every
// chain is a shortest one, and visits a state once per kernel, kind of callback
// and doubt.
type search struct {
	*graph
	mode  searchMode
	queue []visit
	epoch uint32
	// leaves is told of each call out of what is searched: the visit that makes
	// it, and what it would come to. Its state is nil, and ext not, when the
	// call leads out of the object.
	leaves func(at int, v visit, ext *external)
}

type searchMode uint8

const (
	// pastWrappers: a wrapper is a part of the call to it. Each call is the
	// author's own, so that one that was judged does not hide the next.
	pastWrappers searchMode = iota
	// inWrappers does not leave the wrappers.
	inWrappers
	// everywhere makes no difference.
	everywhere
)

// run searches from a visit.
func (s *search) run(start visit) {
	s.graph.epoch++
	s.epoch = s.graph.epoch
	start.from = -1
	s.push(start)
	for i := 0; i < len(s.queue); i++ {
		st := s.queue[i].st
		hops := s.hopsOf(st)
		for j := range hops {
			s.follow(i, st, &hops[j])
		}
	}
}

// follow goes along a hop of a visit.
func (s *search) follow(at int, st *state, h *hop) {
	from := &s.queue[at]
	on := from.on & h.on
	switch {
	case on == 0:
	case h.to == nil:
		s.leaves(at, from.over(h, on, at), st.node.edges[h.edge].ext)
	case s.mode == pastWrappers && h.to.node.library:
		s.through(at, from.over(h, on, at))
	case s.mode == inWrappers && !h.to.node.library:
		s.leaves(at, from.over(h, on, at), nil)
	default:
		async := from.async
		if h.async != cindex.CallDirect {
			async = h.async
		}
		d := doubtOf(from.rodata != "" || h.rodata != "", from.unsure || h.unsure)
		if h.to.epoch == s.epoch && on&^(h.to.seen[async][0]|h.to.seen[async][d]) == 0 {
			return // as most often
		}
		s.push(from.over(h, on, at))
	}
}

// over gives the visit behind a hop.
func (v *visit) over(h *hop, on kset, at int) visit {
	next := visit{
		st: h.to, on: on, async: v.async, rodata: v.rodata, unsure: v.unsure || h.unsure, from: at, edge: h.edge,
	}
	if next.rodata == "" {
		next.rodata = h.rodata
	}
	if h.async != cindex.CallDirect {
		next.async = h.async
	}
	return next
}

func (n *node) call(edge int) *cindex.Call { return &n.fn.Calls[n.edges[edge].call] }

// push queues what was not seen yet. A visit that is certain makes the same
// with doubts superfluous.
func (s *search) push(v visit) {
	if v.st.epoch != s.epoch {
		v.st.epoch = s.epoch
		v.st.seen = [asyncKinds][doubts]kset{}
	}
	row := &v.st.seen[v.async]
	d := v.doubt()
	v.on &^= row[0] | row[d]
	if v.on == 0 || len(s.queue) >= maxStates {
		return
	}
	row[d] |= v.on
	s.queue = append(s.queue, v)
}

// A step is a call in a chain.
type step struct {
	node *node
	edge int
}

// A tail is a way through a wrapper: to a call out of the object, or to a
// function that is none.
type tail struct {
	visit
	ext *external
}

// through passes a wrapper by.
func (s *search) through(at int, v visit) {
	for _, t := range s.tails(v.st) {
		w := v
		w.on &= t.on
		w.st, w.path, w.unsure = t.st, t.path, w.unsure || t.unsure
		if w.rodata == "" {
			w.rodata = t.rodata
		}
		if t.async != cindex.CallDirect {
			w.async = t.async
		}
		switch {
		case w.on == 0:
		case t.ext != nil:
			s.leaves(at, w, t.ext)
		default:
			s.push(w)
		}
	}
}

// tails gives the ways through a wrapper.
func (g *graph) tails(st *state) []tail {
	if st.wrapped {
		return st.tails
	}
	st.wrapped = true
	in := search{graph: g, mode: inWrappers}
	in.leaves = func(at int, v visit, ext *external) {
		v.path = append(in.path(at), step{in.queue[at].st.node, v.edge})
		st.tails = append(st.tails, tail{v, ext})
	}
	in.run(visit{st: st, on: g.world.all})
	return st.tails
}

// path lists the calls from the start of a search to a visit.
func (s *search) path(at int) []step {
	n := 0
	for v := &s.queue[at]; v.from >= 0; v = &s.queue[v.from] {
		n += 1 + len(v.path)
	}
	out := make([]step, n, n+1)
	for v := &s.queue[at]; v.from >= 0; v = &s.queue[v.from] {
		n -= len(v.path)
		copy(out[n:], v.path)
		n--
		out[n] = step{s.queue[v.from].st.node, v.edge}
	}
	return out
}
