package flow

import "github.com/scx-lsp/scx-lsp/cindex"

// global gives the value of a name that is no variable of the function.
func (m *machine) global(f frame, o *op, s *state) value {
	e := m.unit.Meaning(o.name)
	switch {
	case e.Op == cindex.OpKsymExists:
		return m.kernel.fact(e, s)
	case e.Op == cindex.OpInt:
		return value{valueConst, e.Int}
	case e.Op == cindex.OpRodata && e.X == nil:
		v := s.same(definition{op: "rodata", name: o.name, a: value{valueConst, e.Int}, kept: o.text != ""})
		return v
	}
	if m.isKptr("", o.name) {
		return m.kptr(f, o, s, definition{op: "global", name: o.name, kept: true})
	}
	return s.same(definition{op: "global", name: o.name, kept: o.text != ""})
}

// isKptr asks the unit, and remembers the answer.
func (m *machine) isKptr(typ, name string) bool {
	key := [2]string{typ, name}
	is, asked := m.kptrs[key]
	if !asked {
		is = m.unit.Kptr(typ, name)
		m.kptrs[key] = is
	}
	return is
}

// kptr gives what is read out of a kptr field: it may be NULL, it is nobody's
// to release, and only a section protects it (btf_ld_kptr_type).
func (m *machine) kptr(f frame, o *op, s *state, d definition) value {
	before := s.nextSym
	v := s.same(d)
	if y := s.sym(v); v.n > before {
		y.origin, y.mayNull = fromKptr, true
		y.src = &source{fn: f.g.fn, at: o.at, name: o.name}
		switch {
		case !m.entry.Sleepable:
		case len(s.regions) > 0:
			y.rcu = s.section + 1
		default:
			y.unsafe = true
		}
	}
	return v
}

// addressOf gives the address of what is no variable of the function. That of
// a weak kernel symbol may be NULL.
func (m *machine) addressOf(o *op, s *state) value {
	if e := m.unit.Meaning(o.name); e.Op == cindex.OpKsymExists {
		return m.kernel.fact(e, s)
	}
	v, y := s.fresh()
	y.nonzero, y.origin = true, fromGlobal
	return v
}

// escape lets a value go where nobody follows it.
func (s *state) escape(v value) {
	switch v.kind {
	case valueStack:
		s.wild = append(s.wild, v.n)
		s.forget(v.n)
	case valueSym:
		if y := s.sym(v); y != nil && y.ref > 0 {
			s.drop(y.ref)
			y.ref, y.origin = 0, fromUnknown // who gets it may release it
		}
	}
}

// derived gives the address of something inside of what a pointer points to.
func (s *state) derived(v value) value {
	ref, nonzero := 0, false
	if y := s.sym(v); y != nil {
		ref, nonzero = y.ref, y.nonzero && !y.mayNull
	}
	r, y := s.fresh()
	y.ref, y.nonzero = ref, nonzero
	return r
}

// load reads through a pointer.
func (m *machine) load(f frame, o *op, s *state) {
	v := s.read(f.base + int64(o.a))
	m.access(f, o, s, v)
	dst := f.base + int64(o.dst)
	if v.kind == valueStack {
		r, _ := s.fresh()
		if o.name == "*" {
			r = s.read(v.n)
		}
		s.set(dst, r)
		return
	}
	if base := s.sym(v); base != nil && base.origin == fromUnknown && o.typ != "" && m.isKptr(o.typ, o.name) {
		s.set(dst, m.kptr(f, o, s, definition{op: "load", a: v, name: o.name, kept: true}))
		return
	}
	r := s.same(definition{op: "load", a: v, name: o.name, kept: o.text != ""})
	if base := s.sym(v); base != nil && (base.origin == fromArgument || base.origin == fromField || base.origin == fromKfunc) {
		y := s.sym(r)
		if y.origin == fromUnknown {
			y.origin = fromField
		}
	}
	s.set(dst, r)
}

// store writes through a pointer.
func (m *machine) store(f frame, o *op, s *state) {
	p, v := s.read(f.base+int64(o.a)), s.read(f.base+int64(o.b))
	m.access(f, o, s, p)
	if p.kind == valueStack {
		s.forget(p.n)
		if o.name == "*" {
			s.set(p.n, v)
			return
		}
	}
	s.escape(v)
	s.stored(o.name)
}

// access judges an access through a pointer.
func (m *machine) access(f frame, o *op, s *state, v value) {
	y := s.sym(v)
	if y == nil || !y.mayNull || o.idle {
		return
	}
	m.report(s, Issue{
		Kind: NullLoad, Func: f.g.fn.Name, At: o.at, What: o.name, Source: y.src.name, From: y.src.place(),
	})
	y.mayNull, y.nonzero = false, true // once is enough
}
