package flow

import (
	"bytes"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// What the verifier walks apart from the path that leads there: callbacks that
// run before a helper returns, callbacks that run later, and functions that
// are not static.

// syncCallbacks tells which argument of a helper is a function that runs before
// the helper returns, once, often or not at all.
var syncCallbacks = map[string]int{
	"bpf_loop": 1, "bpf_for_each_map_elem": 1, "bpf_find_vma": 2, "bpf_user_ringbuf_drain": 1,
}

// laterCallbacks are those that run later; the value tells whether they may
// sleep.
var laterCallbacks = map[string]struct {
	arg    int
	sleeps bool
}{
	"bpf_timer_set_callback": {1, false}, "bpf_wq_set_callback": {1, true}, "bpf_wq_set_callback_impl": {1, true},
}

// named gives the function of the unit that an argument names.
func (c *callee) named(i int) *cindex.Func {
	if c.o.call == nil || i >= len(c.o.call.Args) {
		return nil
	}
	n := c.o.call.Args[i]
	for n.Kind == cindex.NodeCast || n.Kind == cindex.NodeAddr {
		n = n.X
	}
	if n.Kind != cindex.NodeName {
		return nil
	}
	fn := c.m.unit.Func(n.Name)
	c.m.deps[n.Name] = fn
	return fn
}

// callbacks walks the functions that a call hands over.
func (c *callee) callbacks() {
	if l, ok := laterCallbacks[c.name]; ok {
		c.m.apart(c.named(l.arg), l.sleeps)
	}
	i, ok := syncCallbacks[c.name]
	if !ok {
		return
	}
	fn := c.named(i)
	if fn == nil || c.m.active(fn) || len(c.m.stack) >= maxDepth || !c.m.acts(fn, map[*cindex.Func]bool{}) {
		return
	}
	g := c.m.graph(fn)
	if g == nil || g.opaque {
		c.m.failed = true
		return
	}
	before := c.s.nextRef
	for _, e := range c.m.explore(g, c.f.base+int64(len(c.f.g.slots))+1, c.s.clone()) {
		e.s.escape(e.v)
		for _, r := range e.s.refs {
			if r.id > before {
				c.m.report(e.s, Issue{Kind: Leak, Func: r.src.fn.Name, At: r.src.at, Name: r.src.name})
			}
		}
	}
}

// keptApart tells whether the compiler must not make a function part of its
// callers.
func keptApart(fn *cindex.Func) bool {
	if fn.Weak {
		return true
	}
	head := fn.At.File.Content[max(0, fn.At.Span.Start-200):fn.At.Span.Start]
	return bytes.Contains(head[bytes.LastIndexAny(head, ";}")+1:], []byte("noinline"))
}

// apart notes a function that is verified on its own.
func (m *machine) apart(fn *cindex.Func, sleepable bool) {
	if fn == nil || !fn.Static && !keptApart(fn) {
		return
	}
	for _, e := range m.others {
		if e.Func == fn && e.Sleepable == sleepable {
			return
		}
	}
	m.others = append(m.others, Entry{Func: fn, Sleepable: sleepable, Trusted: true})
}

// throws tells whether a function may end with an exception.
func (m *machine) throws(fn *cindex.Func, seen map[*cindex.Func]bool) bool {
	if seen[fn] {
		return false
	}
	seen[fn] = true
	m.deps[fn.Name] = fn
	for i := range fn.Calls {
		c := &fn.Calls[i]
		if verifier.KernelName(c.Callee) == "bpf_throw" {
			return true
		}
		sub := m.unit.Func(c.Callee)
		m.deps[c.Callee] = sub
		if sub != nil && m.throws(sub, seen) {
			return true
		}
	}
	return false
}
