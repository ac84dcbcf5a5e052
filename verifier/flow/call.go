package flow

import (
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A callee is a call of a kernel function at work.
type callee struct {
	m    *machine
	f    frame
	o    *op
	s    *state
	name string // in the kernel
	args []value
	kf   *btfdb.Kfunc
	list []btfdb.Param
}

// call runs a call and gives the states behind it.
func (m *machine) call(f frame, o *op, s *state) []*state {
	dst := f.base + int64(o.dst)
	args := make([]value, len(o.args))
	for i, a := range o.args {
		args[i] = s.read(f.base + int64(a))
	}
	if o.name == "bpf_tail_call" || o.name == "bpf_tail_call_static" {
		m.checkEnd(s, Place{f.g.fn.Name, o.at}) // nobody comes back
		return []*state{s}
	}
	fn := m.unit.Func(o.name)
	m.deps[o.name] = fn
	if fn != nil {
		return m.inside(f, o, s, fn, args)
	}
	c := &callee{m: m, f: f, o: o, s: s, name: verifier.KernelName(o.name), args: args}
	c.callbacks()
	if c.kf = m.kernel.kfunc(c.name); c.kf != nil {
		c.list = c.kf.Params()
		s.set(dst, c.kfunc())
		return []*state{s}
	}
	if h, ok := helpers[o.name]; ok || m.isHelper(o.name) {
		s.set(dst, c.helper(h))
		return []*state{s}
	}
	if len(m.unit.Missing) > 0 && !strings.HasPrefix(o.name, "__builtin_") && !m.declared(o.name) {
		m.failed = true // a header that was not found may define it, and it may do anything
		return nil
	}
	for _, a := range args {
		s.escape(a)
	}
	s.stored("")
	v, _ := s.fresh()
	s.set(dst, v)
	return []*state{s}
}

// inside runs a function of the unit. Static ones are verified as part of
// their callers, others on their own.
func (m *machine) inside(f frame, o *op, s *state, fn *cindex.Func, args []value) []*state {
	m.deps[fn.Name] = fn
	dst := f.base + int64(o.dst)
	static := fn.Static && !fn.Weak
	if !static && !keptApart(fn) && m.acts(fn, map[*cindex.Func]bool{}) {
		m.failed = true // the compiler decides whether it is verified on its own
		return nil
	}
	if !static {
		m.apart(fn, m.entry.Sleepable && len(s.regions) == 0) // a section around it may count inside
		if m.kernel.traits.throws && m.throws(fn, map[*cindex.Func]bool{}) {
			m.checkEnd(s, Place{f.g.fn.Name, o.at})
		}
	}
	if !static || !m.matters(fn, s, args) {
		for _, a := range args {
			s.escapeFrom(a)
		}
		s.stored("")
		v, _ := s.fresh()
		s.set(dst, v)
		return []*state{s}
	}
	g := m.graph(fn)
	if g == nil || g.opaque || len(m.stack) >= maxDepth || m.active(fn) {
		m.failed = true
		return nil
	}
	base := f.base + int64(len(f.g.slots)) + 1
	for i, a := range args {
		if i < len(fn.Params) {
			s.set(base+int64(i), a)
		}
	}
	var out []*state
	for _, e := range m.explore(g, base, s) {
		e.s.set(dst, e.v)
		out = append(out, e.s)
	}
	return out
}

// escapeFrom lets an argument go to a function that nobody looks into: it may
// write to the variable, but does not keep its address.
func (s *state) escapeFrom(v value) {
	if v.kind == valueStack {
		s.forget(v.n)
		return
	}
	s.escape(v)
}

func (m *machine) active(fn *cindex.Func) bool {
	for _, f := range m.stack {
		if f == fn {
			return true
		}
	}
	return false
}

// matters tells whether a function does anything to what is followed: it calls
// kernel functions that do, or gets something that is followed.
func (m *machine) matters(fn *cindex.Func, s *state, args []value) bool {
	for _, a := range args {
		if y := s.sym(a); y != nil && (y.ref > 0 || y.mayNull) {
			return true
		}
		if a.kind == valueStack {
			for _, it := range s.iters {
				if it.slot == a.n {
					return true
				}
			}
		}
	}
	return m.acts(fn, map[*cindex.Func]bool{})
}

func (m *machine) acts(fn *cindex.Func, seen map[*cindex.Func]bool) bool {
	if seen[fn] {
		return false
	}
	seen[fn] = true
	m.deps[fn.Name] = fn
	for i := range fn.Calls {
		c := &fn.Calls[i]
		if laterCallbacks[c.Helper].arg > 0 || c.Callee == "bpf_throw" {
			return true
		}
		sub := m.unit.Func(c.Callee)
		m.deps[c.Callee] = sub
		if sub != nil {
			if !sub.Static || m.acts(sub, seen) {
				return true
			}
			continue
		}
		name := verifier.KernelName(c.Callee)
		if kf := m.kernel.kfunc(name); kf != nil && (followed(kf) || sections[name].enter || sections[name].leave) {
			return true
		}
		if _, ok := helpers[c.Callee]; ok || strings.HasPrefix(c.Callee, "bpf_spin_") {
			return true
		}
	}
	return false
}

// followed tells whether a kfunc matters beyond its arguments.
func followed(kf *btfdb.Kfunc) bool {
	const flags = btfdb.FlagAcquire | btfdb.FlagRelease | btfdb.FlagRetNull | btfdb.FlagSleepable |
		btfdb.FlagIterNew | btfdb.FlagIterNext | btfdb.FlagIterDestroy | btfdb.FlagRCUProtected | btfdb.FlagRCU
	return kf.Flags&flags != 0
}

// source is this call, as where a value came from.
func (c *callee) source() *source {
	src := &source{fn: c.f.g.fn, at: c.o.at, name: c.name}
	if c.kf != nil {
		src.typ = c.kf.Ret()
	}
	return src
}

func (c *callee) report(i Issue) {
	i.Func, i.At, i.Name = c.f.g.fn.Name, c.o.at, c.name
	c.m.report(c.s, i)
}

// kfunc runs a kfunc and gives its result.
func (c *callee) kfunc() value {
	if len(c.args) != len(c.list) {
		c.count()
		c.clobber()
		v, _ := c.s.fresh()
		return v
	}
	c.checkArgs()
	if c.name == "bpf_throw" {
		c.m.checkEnd(c.s, Place{c.f.g.fn.Name, c.o.at}) // nothing runs behind it
	}
	c.section()
	c.sleeps(c.kf.Flags.Has(btfdb.FlagSleepable))
	c.protected()
	if v, ok := c.iterator(); ok {
		return v
	}
	c.dynptr()
	c.releases()
	c.takes()
	c.clobber()
	return c.result()
}

// count judges the number of arguments. Sources that declare a function of
// another number are told so by their compiler: what counts is the kernel's.
func (c *callee) count() {
	if c.o.call == nil || c.kf.Broken || c.kf.Proto == "" || strings.Contains(c.kf.Proto, "...") {
		return
	}
	c.report(Issue{Kind: WrongCount, Arg: len(c.list)})
}

// clobber forgets the variables that a kernel function may write to.
func (c *callee) clobber() {
	for _, a := range c.args {
		if a.kind == valueStack {
			c.s.forget(a.n)
		}
	}
}

// result gives what a kfunc returns.
func (c *callee) result() value {
	v, y := c.s.fresh()
	if !isPointer(c.kf.Ret()) {
		return v
	}
	y.origin, y.src = fromKfunc, c.source()
	y.mayNull = c.kf.Flags.Has(btfdb.FlagRetNull) && !c.owned()
	y.nonzero = !y.mayNull
	if c.kf.Flags.Has(btfdb.FlagAcquire) {
		c.s.acquire(y)
	} else if c.kf.Flags.Has(btfdb.FlagRCUProtected) && c.m.entry.Sleepable {
		y.rcu = c.s.section
	}
	return v
}

// owned tells of bpf_refcount_acquire that it can not fail: who holds a
// reference can always have another one (check_kfunc_call).
func (c *callee) owned() bool {
	if !strings.HasPrefix(c.name, "bpf_refcount_acquire") {
		return false
	}
	y := c.s.sym(c.args[0])
	return y != nil && y.ref > 0
}

// acquire makes a symbol the holder of a new reference.
func (s *state) acquire(y *symbol) {
	s.nextRef++
	y.ref = s.nextRef
	s.refs = append(s.refs, reference{s.nextRef, y.src})
}

// helper runs a helper and gives its result.
func (c *callee) helper(h helper) value {
	c.locks()
	c.sleeps(h.sleeps)
	if h.release > 0 && h.release <= len(c.args) {
		c.release(h.release - 1)
	}
	c.clobber()
	if c.name == "bpf_kptr_xchg" {
		c.s.stored("")
	}
	v, y := c.s.fresh()
	y.src = c.source()
	y.mayNull = h.null
	if h.acquire {
		c.s.acquire(y)
	}
	if !h.null && h.typ == "" {
		y.src = nil
	}
	return v
}

// releases runs the release of a kfunc with KF_RELEASE.
func (c *callee) releases() {
	if !c.kf.Flags.Has(btfdb.FlagRelease) {
		return
	}
	for i, p := range c.list {
		if isPointer(p.Type) && !strings.HasSuffix(p.Name, "__ign") && !strings.HasSuffix(p.Name, "__map") {
			c.release(i)
			return
		}
	}
}

// release judges what is released, and ends its reference.
func (c *callee) release(i int) {
	v := c.args[i]
	if v.kind == valueStack && c.kf != nil {
		if c.m.kernel.traits.objects[structOf(c.list[i].Type)] {
			c.report(Issue{Kind: BadRelease, Arg: i, What: "the address of a variable"})
		}
		return
	}
	y := c.s.sym(v)
	if y == nil || y.lo == 0 && y.hi == 0 {
		return
	}
	switch {
	case y.ref > 0 && c.s.reference(y.ref) != nil:
		for _, it := range c.s.iters {
			if it.of == y.ref {
				c.m.report(c.s, Issue{Kind: Leak, Func: it.src.fn.Name, At: it.src.at, Name: it.src.name, Until: Place{c.f.g.fn.Name, c.o.at}})
			}
		}
		c.s.release(y.ref)
	case y.gone:
		c.report(Issue{Kind: TwiceReleased, Arg: i, Source: y.name(), From: y.src.place()})
	case y.mayNull:
	case y.origin == fromArgument && c.kf != nil:
		c.report(Issue{Kind: BadRelease, Arg: i, What: "an argument of the program", Source: y.name(), From: y.src.place()})
	case y.origin == fromKptr && c.kf != nil:
		c.report(Issue{Kind: BadRelease, Arg: i, What: "a kptr that is still in its map"})
	case y.origin == fromField && c.kf != nil:
		c.report(Issue{Kind: BadRelease, Arg: i, What: "a field of a kernel object"})
	case y.origin == fromKfunc && y.ref == 0 && c.kf != nil && y.src != nil:
		c.report(Issue{Kind: BadRelease, Arg: i, What: "not acquired", Source: y.name(), From: y.src.place()})
	}
}

func (y *symbol) name() string {
	if y.src == nil {
		return ""
	}
	return y.src.name
}

// release ends a reference: nobody may use what it was for.
func (s *state) release(ref int) {
	s.drop(ref)
	for i := range s.syms {
		if y := &s.syms[i]; y.ref == ref {
			y.ref, y.gone, y.mayNull = 0, true, false
		}
	}
}

// dynptr follows the dynptrs of files: they must be discarded, whether or not
// they could be made, before the file is put (since they came in 6.19).
func (c *callee) dynptr() {
	if len(c.args) == 0 || c.args[len(c.args)-1].kind != valueStack {
		return
	}
	slot := c.args[len(c.args)-1].n
	switch c.name {
	case "bpf_dynptr_from_file":
		it := iterator{slot: slot, kind: "file dynptr", src: c.source()}
		if y := c.s.sym(c.args[0]); y != nil {
			it.of = y.ref
		}
		c.s.iters = append(c.s.iters, it)
	case "bpf_dynptr_file_discard":
		c.s.iters = slices.DeleteFunc(c.s.iters, func(it iterator) bool { return it.slot == slot })
	}
}

// takes gives the nodes that lists and trees take over to them
// (is_bpf_graph_api_kfunc in kernel/bpf/verifier.c).
func (c *callee) takes() {
	if !strings.HasPrefix(c.name, "bpf_list_push_") && !strings.HasPrefix(c.name, "bpf_rbtree_add") && !strings.HasPrefix(c.name, "bpf_list_add") {
		return
	}
	for i, a := range c.args {
		if strings.HasSuffix(c.list[i].Name, "__nonown_allowed") {
			continue // stays where it is
		}
		if y := c.s.sym(a); y != nil && y.ref > 0 {
			ref := y.ref
			c.s.drop(ref)
			for i := range c.s.syms {
				if c.s.syms[i].ref == ref {
					c.s.syms[i].ref, c.s.syms[i].origin = 0, fromUnknown
				}
			}
		}
	}
}
