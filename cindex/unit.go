package cindex

import (
	"reflect"
	"slices"
)

// A unitOwn is what the main source of a unit defines, and what the next unit
// of the same source can take over.
type unitOwn struct {
	placedLayer
	cached map[*rawFunc]*ownFunc
	sig    []*facts // pieces that give names a meaning
	unsure []bool   // which of them are in an arm of #if that nobody can decide
	scope  *scope
	srcs   map[string]*source
}

// An ownFunc is a placed function of the main source.
type ownFunc struct {
	f       *Func
	at      int
	unsure  bool
	viaMain bool // a macro of the main source is in a Via
}

// newUnit makes the unit of a result. What prev has and still holds is shared.
func newUnit(res *fileResult, prev *Unit) *Unit {
	u := &Unit{Main: res.src.file, Vmlinux: res.vmlinux, Includes: res.found}
	own := &unitOwn{cached: map[*rawFunc]*ownFunc{}, scope: &scope{own: &layer{names: map[string]symbol{}}}}
	own.byName = map[string]*Func{}
	own.res = res
	u.own = own
	for _, it := range res.items {
		if it.nested != nil {
			own.scope.layers = append(own.scope.layers, it.nested.layer)
			continue
		}
		if f := it.facts; f.names() {
			own.sig = append(own.sig, f)
			own.unsure = append(own.unsure, it.unsure)
			own.scope.own.facts(f, it.unsure)
		}
	}
	if prev != nil && !own.sameNames(prev.own) {
		prev = nil
	}
	u.files(res)
	u.place(prev)
	u.programs()
	return u
}

// names tells whether the facts give a name a meaning in expressions.
func (f *facts) names() bool {
	if len(f.enums)+len(f.externs) > 0 {
		return true
	}
	for i := range f.vars {
		if f.vars[i].rodata || f.vars[i].fixed {
			return true
		}
	}
	for _, fn := range f.funcs {
		if len(fn.pcalls) > 0 || fn.result != nil {
			return true
		}
	}
	return false
}

// sameNames tells whether two pieces give the same names the same meaning.
func sameNames(a, b *facts) bool {
	if a == b {
		return true
	}
	la, lb := &layer{names: map[string]symbol{}}, &layer{names: map[string]symbol{}}
	la.facts(a, false)
	lb.facts(b, false)
	return reflect.DeepEqual(la, lb)
}

// sameNames tells whether names mean the same in two versions of a unit.
func (o *unitOwn) sameNames(prev *unitOwn) bool {
	if !slices.Equal(o.unsure, prev.unsure) || len(o.sig) != len(prev.sig) || len(o.scope.layers) != len(prev.scope.layers) {
		return false
	}
	for i, f := range o.sig {
		if !sameNames(prev.sig[i], f) {
			return false
		}
	}
	for i, l := range o.scope.layers {
		if prev.scope.layers[i] != l {
			return false
		}
	}
	return true
}

// files collects the files of the unit.
func (u *Unit) files(res *fileResult) {
	srcs := map[string]*source{}
	add := func(s *source) {
		if srcs[s.file.Path] == nil {
			srcs[s.file.Path] = s
			u.Files = append(u.Files, s.file)
		}
	}
	add(res.src)
	for _, it := range res.items {
		if it.nested != nil {
			for _, s := range it.nested.files() {
				add(s)
			}
		}
	}
	u.own.srcs = srcs
	u.own.files = []*source{res.src}
}

// place gives all facts their places.
func (u *Unit) place(prev *Unit) {
	own := u.own
	p := &placer{
		srcs: own.srcs, scope: own.scope, vias: map[*viaNode][]Via{},
		touched: map[*source]bool{}, guards: map[*guard][]*Expr{},
	}
	n := 0
	for _, it := range own.res.items {
		if it.nested != nil {
			l := u.oldLayer(prev, n, it)
			if l == nil {
				l = p.layer(it.nested, it.unsure)
			}
			u.layers = append(u.layers, l)
			n++
		}
	}
	m := newMover(own.res.items, prev)
	for _, it := range own.res.items {
		if it.nested == nil {
			own.place(p, it, m)
		}
	}
	u.collect()
}

// oldLayer gives the n-th header of the previous unit, if it is the same.
func (u *Unit) oldLayer(prev *Unit, n int, it item) *placedLayer {
	if prev == nil || n >= len(prev.layers) {
		return nil
	}
	l := prev.layers[n]
	if l.res != it.nested || l.unsure != it.unsure {
		return nil
	}
	for s := range l.touched {
		if u.own.srcs[s.file.Path] != s {
			return nil
		}
	}
	return l
}

// A mover makes the functions of the main source that only changed their
// places. They share two allocations: there are hundreds at each keystroke.
type mover struct {
	prev  *unitOwn
	funcs []Func
	calls []Call
}

// newMover counts what is to be moved.
func newMover(items []item, prev *Unit) *mover {
	m := &mover{}
	if prev == nil {
		return m
	}
	m.prev = prev.own
	funcs, calls := 0, 0
	for _, it := range items {
		if it.nested != nil {
			continue
		}
		for _, r := range it.facts.funcs {
			if old := m.old(r, it); old != nil {
				funcs++
				if old.at != it.at {
					calls += len(old.f.Calls)
				}
			}
		}
	}
	m.funcs = make([]Func, 0, funcs)
	m.calls = make([]Call, 0, calls)
	return m
}

// old gives the previous place of a function that can be moved.
func (m *mover) old(r *rawFunc, it item) *ownFunc {
	if m.prev == nil {
		return nil
	}
	old := m.prev.cached[r]
	if old == nil || old.viaMain || old.unsure != it.unsure {
		return nil
	}
	return old
}

// move gives the function at its new place.
func (m *mover) move(r *rawFunc, src *source, it item, old *ownFunc) *Func {
	m.funcs = append(m.funcs, *old.f)
	f := &m.funcs[len(m.funcs)-1]
	f.At = loc(src, it.at, r.at)
	f.Body = Span{r.body.Start + it.at, r.body.End + it.at}
	if shift := it.at - old.at; shift != 0 {
		from := len(m.calls)
		m.calls = append(m.calls, f.Calls...)
		f.Calls = m.calls[from:len(m.calls):len(m.calls)]
		for i := range f.Calls {
			f.Calls[i].At.Start += shift
			f.Calls[i].At.End += shift
		}
	}
	return f
}

// keepKey gives a function that is only placed again, for the sake of the
// places of macros, the key that it had.
func (m *mover) keepKey(r *rawFunc, c *ownFunc) {
	if m.prev == nil {
		return
	}
	if old := m.prev.cached[r]; old != nil && old.unsure == c.unsure {
		c.f.key = old.f.key
	}
}

// place places one piece of the main source.
func (o *unitOwn) place(p *placer, it item, m *mover) {
	src := o.res.src
	for _, r := range it.facts.funcs {
		c := &ownFunc{at: it.at, unsure: it.unsure}
		if old := m.old(r, it); old != nil {
			c.f = m.move(r, src, it, old)
		} else {
			c.f = p.function(r, src, it.at, it.unsure)
			c.viaMain = r.vias && usesMain(r, src)
			m.keepKey(r, c)
		}
		o.cached[r] = c
		o.placedLayer.function(c.f)
	}
	o.rest(p, src, it, it.unsure)
}

// usesMain tells whether a macro of the main source is in a Via of r.
func usesMain(r *rawFunc, src *source) bool {
	for i := range r.calls {
		for n := r.calls[i].via; n != nil; n = n.parent {
			if n.m.path == src.file.Path {
				return true
			}
		}
	}
	return false
}

// collect joins what headers and the main source have.
func (u *Unit) collect() {
	add := func(l *placedLayer) {
		u.Tables = append(u.Tables, l.tables...)
		u.Externs = append(u.Externs, l.externs...)
		u.Missing = append(u.Missing, l.missing...)
		if u.License == nil {
			u.License = l.license
		}
	}
	for _, l := range u.layers {
		add(l)
	}
	u.own.missing = u.own.res.missing
	add(&u.own.placedLayer)
}

// programs finds the entry points.
func (u *Unit) programs() {
	wired := map[string][]Wiring{}
	for _, t := range u.Tables {
		for _, in := range t.Inits {
			if in.Func != "" {
				wired[in.Func] = append(wired[in.Func], Wiring{t, in})
			}
		}
	}
	add := func(l *placedLayer) {
		for _, f := range l.funcs {
			w := wired[f.Name]
			if f.prog.typ == "" && len(w) == 0 || l.byName[f.Name] != f {
				continue
			}
			u.Programs = append(u.Programs, &Program{
				Func: f, Section: f.Section, Type: f.prog.typ, Sleepable: f.prog.sleepable,
				Autoload: f.prog.autoload, Wirings: w,
			})
		}
	}
	for _, l := range u.layers {
		add(l)
	}
	add(&u.own.placedLayer)
}
