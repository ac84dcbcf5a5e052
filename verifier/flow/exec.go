package flow

import (
	"strconv"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// Limits of a walk. A program that goes beyond them is not judged.
const (
	maxWork  = 12_000 // blocks, each with what is known there: values and symbols
	maxDepth = 6      // functions inside of functions
	maxExits = 64     // states in which a function may end
)

// A machine walks the paths of one program on one kernel.
type machine struct {
	unit   *cindex.Unit
	kernel *oracle
	graphs map[*cindex.Func]*graph
	entry  Entry
	deps   map[string]*cindex.Func
	kptrs  map[[2]string]bool
	others []Entry // functions that the verifier walks on their own
	work   int     // done so far, see maxWork
	failed bool    // it is not understood: nothing is said
	// tooMuch says that it was given up for the work alone.
	tooMuch bool
	issues  map[Issue]int // index in order, by all but Rodata
	order   []Issue
	stack   []*cindex.Func
}

// An exit is one way in which a function ends.
type exit struct {
	s *state
	v value
}

// A frame is a function at work: its slots count from base.
type frame struct {
	g    *graph
	base int64
}

// run walks a program, and the functions that its verifier walks apart.
func (m *machine) run() {
	for i := 0; i < len(m.others); i++ {
		m.entry, m.work, m.failed = m.others[i], 0, false
		before := len(m.order)
		m.walk()
		if !m.failed {
			continue
		}
		for _, issue := range m.order[before:] {
			issue.Rodata = ""
			delete(m.issues, issue)
		}
		m.order = m.order[:before]
	}
}

func (m *machine) walk() {
	g := m.graph(m.entry.Func)
	if g == nil || g.opaque {
		m.failed = true
		return
	}
	s := &state{}
	for i, p := range m.entry.Func.Params {
		if isPointer(p.Type) {
			s.set(int64(i), m.parameter(s, i, p))
		}
	}
	m.explore(g, 0, s)
}

// parameter gives the value of a pointer parameter of the program.
func (m *machine) parameter(s *state, i int, p cindex.Param) value {
	v, y := s.fresh()
	if !m.entry.Trusted {
		return v
	}
	y.origin = fromArgument
	y.src = &source{fn: m.entry.Func, name: p.Name, typ: p.Type}
	y.mayNull = i < len(m.entry.Nullable) && m.entry.Nullable[i]
	y.unsafe = m.entry.Untrusted
	return v
}

func (m *machine) graph(fn *cindex.Func) *graph {
	g, ok := m.graphs[fn]
	if !ok {
		g = lower(fn)
		m.graphs[fn] = g
	}
	m.deps[fn.Name] = fn
	return g
}

// A visit is a block that is to be walked.
type visit struct {
	block int
	s     *state
}

// explore walks a function from its start and gives the states in which it
// ends.
func (m *machine) explore(g *graph, base int64, s *state) []exit {
	f := frame{g, base}
	m.stack = append(m.stack, g.fn)
	defer func() { m.stack = m.stack[:len(m.stack)-1] }()
	seen, ends := map[string]bool{}, map[string]bool{}
	work := []visit{{0, s}}
	var out []exit
	for len(work) > 0 && !m.failed {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		f.settle(v.block, v.s)
		key := strconv.Itoa(v.block) + ":" + v.s.key()
		if seen[key] {
			continue
		}
		seen[key] = true
		if m.work += 1 + len(v.s.vals) + len(v.s.syms); m.work > maxWork {
			m.failed, m.tooMuch = true, true
			return nil
		}
		b := g.blocks[v.block]
		for _, s := range m.block(f, b, v.s) {
			if b.term == termReturn {
				out = m.leaves(f, b, s, out, ends)
				continue
			}
			work = f.next(b, s, work)
		}
	}
	return out
}

// next adds the blocks behind one.
func (f frame) next(b *block, s *state, work []visit) []visit {
	switch b.term {
	case termJump:
		work = append(work, visit{b.then, s})
	case termIf:
		c := s.read(f.base + int64(b.cond))
		other := s.clone()
		if other.assume(c, false) {
			work = append(work, visit{b.els, other})
		}
		if s.assume(c, true) {
			work = append(work, visit{b.then, s})
		}
	}
	return work
}

// leaves notes the end of a function, once for each state.
func (m *machine) leaves(f frame, b *block, s *state, out []exit, ends map[string]bool) []exit {
	v := value{}
	if b.cond >= 0 {
		v = s.read(f.base + int64(b.cond))
	}
	if len(m.stack) == 1 {
		s.escape(v)
		m.checkEnd(s, Place{f.g.fn.Name, b.at})
		return out
	}
	s.cut(f.base)
	s.set(-1, v) // so that it counts for the key and stays
	s.sweep()
	key := s.key()
	s.forget(-1)
	if ends[key] {
		return out
	}
	ends[key] = true
	if len(ends) > maxExits {
		m.failed = true
	}
	return append(out, exit{s, v})
}

// cut drops the slots of a function that ends.
func (s *state) cut(base int64) {
	kept := s.vals[:0]
	for _, e := range s.vals {
		if e.slot < base {
			kept = append(kept, e)
		}
	}
	s.vals = kept
}

// settle drops what does not count at the start of a block.
func (f frame) settle(b int, s *state) {
	kept := s.vals[:0]
	for _, e := range s.vals {
		i := int(e.slot - f.base)
		if i >= 0 && i < len(f.g.slots) {
			if !f.g.isLive(b, i) {
				continue
			}
			if y := s.sym(e.v); y != nil && f.g.slots[i].variable && f.g.slots[i].tested < 2 {
				y.plain()
			}
		}
		kept = append(kept, e)
	}
	s.vals = kept
	s.sweep()
}

// plain forgets what tests told of a number that is not tested again.
func (y *symbol) plain() {
	if y.ref == 0 && !y.mayNull && y.src == nil && y.def.op == "" {
		y.lo, y.hi, y.nonzero = -maxInt-1, maxInt, false
	}
}

// block runs the operations of a block. A call may end in several ways.
func (m *machine) block(f frame, b *block, s *state) []*state {
	states := []*state{s}
	for i := range b.ops {
		o := &b.ops[i]
		if o.kind != opCall {
			for _, s := range states {
				m.step(f, o, s)
			}
			continue
		}
		var next []*state
		for _, s := range states {
			next = append(next, m.call(f, o, s)...)
		}
		states = next
		if m.failed || len(states) == 0 {
			return nil
		}
		if len(states) > maxExits {
			m.failed = true
			return nil
		}
	}
	return states
}

// step runs one operation that is no call.
func (m *machine) step(f frame, o *op, s *state) {
	dst := f.base + int64(o.dst)
	a := f.base + int64(o.a)
	switch o.kind {
	case opConst:
		s.set(dst, value{valueConst, o.n})
	case opMove:
		s.set(dst, s.read(a))
	case opFresh, opDeclare:
		v, _ := s.fresh()
		s.set(dst, v)
	case opGlobal:
		s.set(dst, m.global(f, o, s))
	case opAddrName:
		s.set(dst, m.addressOf(o, s))
	case opAddr:
		s.set(dst, value{valueStack, a})
	case opLoad:
		m.load(f, o, s)
	case opField:
		s.set(dst, s.derived(s.read(a)))
	case opStore:
		m.store(f, o, s)
	case opBin:
		s.set(dst, s.binary(o, s.read(a), s.read(f.base+int64(o.b))))
	case opNot:
		v := s.read(a)
		if v.kind == valueConst {
			s.set(dst, value{valueConst, b2i(v.n == 0)})
			return
		}
		r, y := s.fresh()
		y.def = definition{op: "!", a: v}
		s.set(dst, r)
	case opEscape:
		s.escape(s.read(a))
	case opFact:
		s.set(dst, m.kernel.fact(o.fact, s))
	}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// read gives the value of a slot; one that nobody knows gets a name.
func (s *state) read(slot int64) value {
	for _, w := range s.wild {
		if w == slot {
			v, _ := s.fresh()
			return v
		}
	}
	v := s.get(slot)
	if v.kind == valueNone {
		v, _ = s.fresh()
		s.set(slot, v)
	}
	return v
}

func (src *source) place() Place {
	if src == nil {
		return Place{}
	}
	return Place{src.fn.Name, src.at}
}

// report notes an issue, for good if some path to it needs no other variables
// than the source has.
func (m *machine) report(s *state, i Issue) {
	at, again := m.issues[i]
	if !again {
		at = len(m.order)
		m.issues[i] = at
		i.Rodata = s.rodata
		m.order = append(m.order, i)
	}
	if s.rodata == "" {
		m.order[at].Rodata = ""
	}
}

// binary computes, compares, or moves a pointer.
func (s *state) binary(o *op, a, b value) value {
	if a.kind == valueConst && b.kind == valueConst {
		if n, ok := fold(o.name, a.n, b.n); ok {
			return value{valueConst, n}
		}
	}
	if (o.name == "+" || o.name == "-") && b.kind == valueConst || o.name == "-" {
		if y := s.sym(a); y != nil && y.ref > 0 {
			return s.derived(a)
		}
	}
	return s.same(definition{op: o.name, a: a, b: b, kept: o.text != ""})
}

func fold(name string, a, b int64) (int64, bool) {
	switch name {
	case "==":
		return b2i(a == b), true
	case "!=":
		return b2i(a != b), true
	case "<":
		return b2i(a < b), true
	case ">":
		return b2i(a > b), true
	case "<=":
		return b2i(a <= b), true
	case ">=":
		return b2i(a >= b), true
	case "&":
		return a & b, true
	case "|":
		return a | b, true
	}
	return 0, false // what a loop counts must come to an end
}
