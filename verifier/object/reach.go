package object

import (
	"slices"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// A root is a program in one of the contexts that it runs in.
type root struct {
	prog   *Program
	wiring *Wiring // nil unless struct_ops
	name   string  // "sched_ext_ops.enqueue", "syscall"
}

// roots lists the contexts of a program; a struct_ops program in no table has
// one without a wiring.
func (p *Program) roots() []root {
	if p.Type != "struct_ops" || len(p.Wirings) == 0 {
		return []root{{prog: p, name: p.Type}}
	}
	var out []root
	for i := range p.Wirings {
		w := &p.Wirings[i]
		name := w.Table.Type + "." + w.Member
		if !slices.ContainsFunc(out, func(r root) bool { return r.name == name }) {
			out = append(out, root{prog: p, wiring: w, name: name})
		}
	}
	return out
}

// context gives what a kernel judges the root by; false when it knows nothing
// of it.
func (r root) context(k *btfdb.Kernel) (btfdb.Context, bool) {
	switch {
	case r.wiring != nil:
		return k.MemberContext(r.wiring.Table.Type, r.wiring.Member, r.prog.Sleepable)
	case r.prog.Type == "struct_ops":
		return btfdb.Context{}, false
	}
	return btfdb.SectionContext(r.prog.Section)
}

// A node is a function as a program comes to it.
type node struct {
	c     *scope
	async btfdb.Async
	from  *node
	via   call // the call in from that leads here
}

// A hit is a call of a kfunc, or an instruction that libbpf made invalid,
// that a program reaches.
type hit struct {
	at   *node
	call call
	// absent is nil for what is reached for sure, else what the program
	// reaches under another assumption, which this is no part of.
	absent *reach
	open   bool // reached only if user space sets variables
}

func (h hit) place() place { return place{h.at.c.fn, h.call.slot} }

// A place is an instruction of a function.
type place struct {
	fn   *fn
	slot int
}

// A reach is all that one program comes to in one env.
type reach struct {
	hits  []hit
	stack int // deepest sum of frames, in bytes
	calls int // functions in that chain
	over  bool

	scopes []*scope // all that were entered
	blocks map[place]bool
}

// maxNodes bounds one traversal.
const maxNodes = 50000

// reachOf follows a program: once as its read-only data stands; where a branch
// rests on what nobody here knows of the kernel, with both answers, to tell
// what is reached anyway; and where the read-only data closes a branch, once
// more with what user space may set left open.
func (e *envWalks) reachOf(p *Program) *reach {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.done[p]; r != nil {
		return r
	}
	r, pruned, doubt := e.now.follow(p)
	if doubt {
		for i, facts := range [2]tri{never, always} {
			if e.either[i] == nil {
				e.either[i] = newWalk(e.now.env, false, facts, e.now.spent)
			}
			r.doubt(e.either[i], p)
		}
	}
	if pruned {
		if e.free == nil {
			e.free = newWalk(e.now.env, true, maybe, e.now.spent)
		}
		r.addOpen(e.free, p)
	}
	e.done[p] = r
	return r
}

// follow walks breadth first, so that every chain is a shortest one.
func (w *walk) follow(p *Program) (r *reach, pruned, doubt bool) {
	r = &reach{}
	key := unknownArgs(p.fn, 0)
	key.entry = true
	start := w.scope(key)
	if start == nil {
		r.over = true
		return r, false, false
	}
	t := traversal{w: w, r: r, seen: map[nodeKey]bool{}}
	t.push(&node{c: start})
	for len(t.queue) > 0 {
		n := t.queue[0]
		t.queue = t.queue[1:]
		pruned, doubt = pruned || n.c.pruned, doubt || n.c.doubt
		t.calls(n)
	}
	r.stack, r.calls = w.depthOf(start, map[*scope]depth{}, 0)
	r.over = r.over || w.spent.over
	return r, pruned, doubt
}

type nodeKey struct {
	c     *scope
	async btfdb.Async
}

type traversal struct {
	w     *walk
	r     *reach
	seen  map[nodeKey]bool
	queue []*node
}

func (t *traversal) push(n *node) {
	k := nodeKey{n.c, n.async}
	if n.c == nil || t.seen[k] {
		return
	}
	if len(t.seen) >= maxNodes {
		t.r.over = true
		return
	}
	t.seen[k] = true
	t.r.scopes = append(t.r.scopes, n.c)
	t.queue = append(t.queue, n)
}

func (t *traversal) calls(n *node) {
	for b := range n.c.calls {
		for _, c := range n.c.calls[b] {
			next := &node{async: n.async, from: n, via: c}
			switch c.kind {
			case callKfunc, callPoison, callCast, callNull, callContext:
				t.r.hits = append(t.r.hits, hit{at: n, call: c})
				continue
			case callTimer:
				next.async = btfdb.Timer
			case callWork:
				next.async = btfdb.Workqueue
			}
			next.c = t.w.callee(c)
			t.push(next)
		}
	}
}

// callee is the context that a call enters. The verifier walks a global
// function, and a callback that runs later, on its own.
func (w *walk) callee(c call) *scope {
	switch c.kind {
	case callSub:
		return c.target
	case callSync:
		return w.scope(unknownArgs(c.fn, c.rcu))
	case callGlobal, callTimer, callWork:
		return w.scope(unknownArgs(c.fn, 0))
	}
	return nil
}

type depth struct{ bytes, calls int }

// depthOf sums the stack frames below a function as the verifier does
// (kernel/bpf/verifier.c:check_max_stack_depth_subprog); a callback that runs
// later has a stack of its own.
func (w *walk) depthOf(c *scope, memo map[*scope]depth, level int) (bytes, calls int) {
	if d, ok := memo[c]; ok {
		return d.bytes, d.calls
	}
	memo[c] = depth{}
	own := depth{(c.stack + 15) &^ 15, 1}
	best := own
	for b := range c.calls {
		for _, k := range c.calls[b] {
			if k.kind != callSub && k.kind != callGlobal && k.kind != callSync || level > maxDepth {
				continue
			}
			if t := w.callee(k); t != nil {
				n, m := w.depthOf(t, memo, level+1)
				if own.bytes+n > best.bytes {
					best = depth{own.bytes + n, m + 1}
				}
			}
		}
	}
	memo[c] = best
	return best.bytes, best.calls
}

// doubt marks what is reached only when an unknown fact is not as w has it.
func (r *reach) doubt(w *walk, p *Program) {
	other, _, _ := w.follow(p)
	there := map[place]bool{}
	for _, h := range other.hits {
		there[h.place()] = true
	}
	for i := range r.hits {
		if h := &r.hits[i]; !there[h.place()] {
			h.absent = other
		}
	}
}

// addOpen adds what is reached only when user space sets variables.
func (r *reach) addOpen(free *walk, p *Program) {
	now := map[place]bool{}
	for _, h := range r.hits {
		now[h.place()] = true
	}
	open, _, _ := free.follow(p)
	for _, h := range open.hits {
		if !now[h.place()] {
			h.absent, h.open = r, true
			r.hits = append(r.hits, h)
		}
	}
	r.over = r.over || open.over
}

// condition tells what has to be so for a hit to be reached: the variable
// that user space must set, or the CONFIG_ that the kernel must have. It is
// false for a hit of which that cannot be told; nothing is said of those.
func (o *Object) condition(h hit) (rodata, config string, ok bool) {
	if h.absent == nil {
		return "", "", true
	}
	t := gate(h, h.absent.places())
	name := o.gateName(t)
	switch {
	case name == "" || h.open != (t < factTaint):
		return "", "", false
	case h.open:
		return name, "", true
	}
	return "", name, true
}

// places lists the blocks that the program reaches.
func (r *reach) places() map[place]bool {
	if r.blocks != nil {
		return r.blocks
	}
	r.blocks = map[place]bool{}
	for _, c := range r.scopes {
		for b, ok := range c.reached {
			if ok {
				r.blocks[place{c.fn, c.fn.cfg.blocks[b].start}] = true
			}
		}
	}
	return r.blocks
}

// gate finds the variable that keeps a hit from being reached: the one of the
// branch where its path leaves what is reached anyway.
func gate(h hit, reached map[place]bool) uint16 {
	slot := h.call.slot
	for n := h.at; n != nil; n = n.from {
		if t := n.c.gate(slot, reached); t != 0 {
			return t
		}
		slot = n.via.slot
	}
	return 0
}

// gate searches backwards from a slot for a branch that rests on a variable.
func (c *scope) gate(slot int, reached map[place]bool) uint16 {
	blocks := c.fn.cfg.blocks
	at := slices.IndexFunc(blocks, func(b block) bool { return slot >= b.start && slot < b.end })
	if at < 0 {
		return 0
	}
	from := make([][]int, len(blocks))
	for i, b := range blocks {
		for way, n := range b.next {
			if n >= 0 && c.edges[i][way] {
				from[n] = append(from[n], i)
			}
		}
	}
	seen := make([]bool, len(blocks))
	for queue := []int{at}; len(queue) > 0; queue = queue[1:] {
		b := queue[0]
		if reached[place{c.fn, blocks[b].start}] {
			continue
		}
		for _, p := range from[b] {
			if c.taints[p] != 0 && reached[place{c.fn, blocks[p].start}] {
				return c.taints[p]
			}
			if !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	return 0
}
