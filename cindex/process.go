package cindex

import (
	"sort"
	"sync"
)

// How a unit is read: the pieces of the main source one after the other, each
// in the env that those before it leave, with headers in their places.

// Limits of a unit.
const (
	maxIncludeDepth = 48
	maxVisits       = 4000 // headers that a unit may open, each counted again when included again
	maxMemos        = 4
	maxFileMemos    = 8
)

// A memo is what a piece came to in one env.
type memo struct {
	in, out *env
	deps    []dep    // macros that were asked for
	defs    *nameSet // set when the file's own names were asked for
	pinned  bool     // holds for in only
	facts   *facts
}

// A dep is a question to the env and its answer.
type dep struct {
	name string
	hash uint32
	m    *macro
}

func (m *memo) holds(e *env, defs *nameSet) bool {
	if m.defs != nil && m.defs != defs {
		return false
	}
	if m.in == e {
		return true
	}
	if m.pinned {
		return false
	}
	for i := range m.deps {
		if d := &m.deps[i]; e.get(d.hash, d.name) != d.m {
			return false
		}
	}
	return true
}

// A fileMemo remembers what a header came to.
type fileMemo struct {
	results cache[*fileResult]
}

// A fileResult is what a file came to in one env. It is immutable.
type fileResult struct {
	src     *source
	in, out *env
	items   []item
	missing []*Include
	found   []*Include
	uses    []use  // all files below, and what was looked for in vain
	layer   *layer // its symbols, with those of the headers below
	size    int    // headers below, this one included
	vmlinux bool   // vmlinux.h is among them

	once sync.Once
	all  []*source // the files, once asked for
}

// An item is a piece with facts, or a header.
type item struct {
	facts  *facts
	at     int
	nested *fileResult
	unsure bool
}

// A use is one question to the include search and its answer.
type use struct {
	q    query
	path string // "" when nothing was found
	src  *source
}

// A builder reads one unit.
type builder struct {
	x      *Index
	conf   *config
	exp    expander
	toks   []ptok
	calls  []rawCall
	visits int
	uses   []use
}

// builders keeps the scratch memory of builders.
var builders = sync.Pool{New: func() any { return &builder{} }}

// release gives the scratch memory back, unless it grew out of hand.
func (b *builder) release() {
	if cap(b.toks) > 1<<16 || cap(b.exp.slab) > 1<<16 || cap(b.exp.args) > 1<<16 || cap(b.calls) > 1<<12 || cap(b.exp.asked.list) > 1<<12 {
		return
	}
	b.x, b.conf, b.uses, b.visits = nil, nil, nil, 0
	b.exp.env, b.exp.piece, b.exp.defined, b.exp.has = nil, nil, nil, nil
	clear(b.exp.asked.list[:cap(b.exp.asked.list)])
	builders.Put(b)
}

// file reads a file.
func (b *builder) file(s *source, e *env, depth int) *fileResult {
	r := &fileResult{src: s, in: e, size: 1}
	outer := b.uses
	b.uses = nil
	w := walker{b: b, s: s, r: r, env: e, depth: depth}
	w.run()
	r.out = w.env
	r.uses = b.uses
	b.uses = append(outer, r.uses...)
	return r
}

// header reads an included file, from memory when nothing changed.
func (b *builder) header(s *source, e *env, depth int) *fileResult {
	for _, r := range s.whole.results.all() {
		if r.in == e && b.current(r.uses) {
			b.uses = append(b.uses, r.uses...)
			b.visits += r.size
			return r
		}
	}
	r := b.file(s, e, depth)
	r.layer = newLayer(r.items)
	if b.visits < maxVisits {
		s.whole.results.add(r, maxFileMemos)
	}
	return r
}

// current tells whether all that was found is still there and the same.
func (b *builder) current(uses []use) bool {
	for i := range uses {
		u := &uses[i]
		path := b.conf.find(u.q)
		if path != u.path {
			return false
		}
		if path != "" && b.x.load(path) != u.src {
			return false
		}
	}
	return true
}

// piece gives a piece's facts in an env, and the env behind it.
func (b *builder) piece(p *piece, e *env, defs *nameSet) (*facts, *env) {
	var list []*memo
	if l := p.memo.Load(); l != nil {
		list = *l
	}
	for _, m := range list {
		if !m.holds(e, defs) {
			continue
		}
		if m.in == e {
			return m.facts, m.out
		}
		c := *m
		c.in, c.out = e, e
		p.remember(&c, list)
		return m.facts, e
	}
	m := b.compute(p, e, defs)
	p.remember(m, list)
	return m.facts, m.out
}

func (p *piece) remember(m *memo, list []*memo) {
	next := append([]*memo{m}, list[:min(len(list), maxMemos-1)]...)
	p.memo.Store(&next)
}

// compute preprocesses and parses a piece.
func (b *builder) compute(p *piece, e *env, defs *nameSet) *memo {
	x := &b.exp
	x.reset(e, defs, p, false)
	x.has = nil
	b.toks = x.expand(b.toks[:0])
	f := b.parse(0)
	m := &memo{in: e, out: x.env}
	asked, effects := x.askedAbs, x.effects
	m.deps = append([]dep(nil), x.asked.list...)
	if x.unknown {
		x.reset(e, defs, p, true)
		b.toks = x.expand(b.toks[:0])
		f = f.merge(b.parse(fSecond))
		m.deps = append(m.deps, x.asked.list...)
		asked, effects = asked || x.askedAbs, effects || x.effects
	}
	if asked {
		m.defs = defs
	}
	m.pinned = effects
	m.facts = f
	f.keep(p, e, defs)
	if f.empty() {
		m.facts = noFacts
	}
	return m
}

var noFacts = &facts{}

// merge adds what the arms say that hang on the build.
func (f *facts) merge(second *facts) *facts {
	for _, g := range second.funcs {
		if i := f.index(g.name); i >= 0 {
			c := *f.funcs[i]
			c.calls = append(c.calls[:len(c.calls):len(c.calls)], g.calls...)
			sort.SliceStable(c.calls, func(i, j int) bool { return c.calls[i].at.Start < c.calls[j].at.Start })
			c.vias = c.vias || g.vias
			f.funcs[i] = &c
		}
	}
	for _, t := range second.tables {
		for i, o := range f.tables {
			if o.name == t.name {
				c := *o
				c.inits = append(c.inits[:len(c.inits):len(c.inits)], t.inits...)
				f.tables[i] = &c
			}
		}
	}
	return f
}

func (f *facts) index(name string) int {
	for i, o := range f.funcs {
		if o.name == name {
			return i
		}
	}
	return -1
}
