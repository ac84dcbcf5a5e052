package object

import "slices"

// A walk follows functions in one env. It is a conditional constant
// propagation: blocks that no feasible branch leads to stay unreached.
//
// Static functions are walked once for each set of known arguments, as the
// verifier inlines them; results are shared by all programs of the object.
type walk struct {
	env   *env
	free  bool // variables that user space may set have any value
	facts tri  // what is taken for facts that nobody here knows

	memo  map[scopeKey]*scope
	perFn map[*fn]int
	depth int
	spent *spent
}

// spent is what all walks of one Check have used up.
type spent struct {
	work   int // instructions followed
	blocks int // in scopes, which are kept
	states int // that are alive
	over   bool
}

// check notes when one of the bounds is reached.
func (s *spent) check() {
	s.over = s.over || s.work > maxWork || s.blocks > maxBlocks || s.states > maxStates
}

const (
	// maxVariants bounds the argument sets of one function.
	maxVariants = 32
	// maxDepth is beyond the kernel's MAX_CALL_FRAMES of 8.
	maxDepth = 16
	// maxWork, maxBlocks and maxStates bound the time and memory of a Check.
	// scx_qmap of 7.3 takes 26,000 steps for a release.
	maxWork   = 32 << 20
	maxBlocks = 2 << 20
	maxStates = 128 << 10
	// widenAfter is how often a block may change before its values are given
	// up.
	widenAfter = 4
)

// A scopeKey is a function with what is known when it is entered.
type scopeKey struct {
	fn    *fn
	args  [5]val
	rcu   uint8
	entry bool // a program: r1 is its context
}

// A scope is a function as walked from one scopeKey.
type scope struct {
	fn      *fn
	reached []bool // by block
	edges   [][2]bool
	taints  []uint16 // by block: the variable that its branch rests on
	calls   [][]call // by block
	ret     val
	retRCU  uint8
	returns bool
	pruned  bool // by a settable variable's value, here or in a callee
	doubt   bool // a branch rests on a fact that nobody here knows
	stack   int  // bytes
	done    bool
}

// call kinds.
type callKind uint8

const (
	callSub    callKind = iota // a static function, walked with its arguments
	callGlobal                 // a global function, verified on its own
	callKfunc
	callSync    // the address of a callback is passed on
	callTimer   // of one that a timer runs
	callWork    // of one that bpf_wq or task_work runs
	callPoison  // libbpf made the instruction invalid
	callCast    // an addr_space_cast of no known kind
	callNull    // not a call: what may be NULL is dereferenced
	callContext // not a call: an argument of the program is read
)

// A call is an instruction that leads out of a function.
type call struct {
	kind   callKind
	slot   int
	target *scope     // callSub
	fn     *fn        // callGlobal, callbacks
	ext    *Extern    // callKfunc; callNull: what gave NULL
	core   *coreValue // callPoison
	arg    uint64     // callContext: the byte offset
	rcu    uint8
	rcuMax uint8
}

func newWalk(e *env, free bool, facts tri, s *spent) *walk {
	return &walk{env: e, free: free, facts: facts, spent: s, memo: map[scopeKey]*scope{}, perFn: map[*fn]int{}}
}

// unknownArgs is the key of a function of whose arguments nothing is known.
func unknownArgs(f *fn, rcu uint8) scopeKey {
	k := scopeKey{fn: f, rcu: rcu}
	for i := range k.args {
		k.args[i] = anything
	}
	return k
}

// scope walks a function; nil while it is being walked already (recursion,
// which the verifier refuses) and when the walk got too large.
func (w *walk) scope(k scopeKey) *scope {
	if c, ok := w.memo[k]; ok {
		if !c.done {
			return nil
		}
		return c
	}
	if w.perFn[k.fn] >= maxVariants {
		if rest := unknownArgs(k.fn, k.rcu); rest != k {
			return w.scope(rest)
		}
	}
	w.spent.blocks += len(k.fn.cfg.blocks)
	if w.spent.check(); w.depth >= maxDepth || w.spent.over {
		return nil
	}
	w.perFn[k.fn]++
	w.depth++
	defer func() { w.depth-- }()
	n := len(k.fn.cfg.blocks)
	c := &scope{
		fn: k.fn, reached: make([]bool, n), edges: make([][2]bool, n), taints: make([]uint16, n), calls: make([][]call, n),
	}
	w.memo[k] = c
	w.fixpoint(c, k)
	c.done = true
	return c
}

// fixpoint walks blocks until nothing changes, lowest first: code is laid out
// so that this is close to the best order.
func (w *walk) fixpoint(c *scope, k scopeKey) {
	f := flow{w: w, c: c, in: make([]*state, len(c.reached)), visits: make([]uint8, len(c.reached)), queued: make([]bool, len(c.reached))}
	entry := &state{rcu: k.rcu, rcuMax: k.rcu}
	for i := range entry.regs {
		entry.regs[i] = anything
	}
	copy(entry.regs[1:6], k.args[:])
	if k.entry {
		entry.regs[1] = val{kind: kCtx}
	}
	entry.regs[regFP] = val{kind: kFrame}
	f.enter(0, entry)
	for !w.spent.over {
		b, ok := f.pop()
		if !ok {
			break
		}
		f.step(b)
		w.spent.check()
	}
	w.spent.states -= f.alive
}

// A flow is one fixpoint computation.
type flow struct {
	w      *walk
	c      *scope
	in     []*state
	visits []uint8
	queued []bool
	queue  []int // sorted downwards
	alive  int
}

func (f *flow) pop() (int, bool) {
	n := len(f.queue)
	if n == 0 {
		return 0, false
	}
	b := f.queue[n-1]
	f.queue = f.queue[:n-1]
	f.queued[b] = false
	return b, true
}

// enter merges a state into a block's.
func (f *flow) enter(b int, s *state) {
	if b < 0 {
		return
	}
	if f.in[b] == nil {
		own := *s
		f.in[b] = &own
		f.c.reached[b] = true
		f.alive++
		f.w.spent.states++
	} else {
		wide := f.visits[b] > widenAfter
		if !f.in[b].join(s, wide) {
			return
		}
	}
	if f.visits[b] < 255 {
		f.visits[b]++
	}
	if !f.queued[b] {
		f.queued[b] = true
		i, _ := slices.BinarySearchFunc(f.queue, b, func(x, b int) int { return b - x })
		f.queue = slices.Insert(f.queue, i, b)
	}
}

// step walks a block and hands its state on.
func (f *flow) step(bi int) {
	b := &f.c.fn.cfg.blocks[bi]
	s := *f.in[bi]
	f.c.calls[bi] = f.c.calls[bi][:0]
	if !f.w.exec(f.c, b, &s, bi) {
		return
	}
	x := f.c.fn.code.insns[b.end-1]
	switch {
	case x.op == opExit:
		f.exit(&s)
	case b.next[1] < 0:
		f.c.edges[bi][0] = b.next[0] >= 0
		f.enter(b.next[0], &s)
	default:
		f.branch(bi, b, x, &s)
	}
}

func (f *flow) exit(s *state) {
	c := f.c
	if !c.returns {
		c.returns, c.ret, c.retRCU = true, s.regs[0], s.rcu
		return
	}
	c.ret = joined(c.ret, s.regs[0])
	c.retRCU = min(c.retRCU, s.rcu)
}

// branch follows the ways out of a conditional jump that are feasible.
func (f *flow) branch(bi int, b *block, x insn, s *state) {
	a, o := s.regs[x.dst], operand(x, s)
	if x.op == opMayGoto {
		a, o = anything, anything
	}
	verdict := decide(x, a, o)
	taint := val{}.with(a, o).taint
	f.c.taints[bi] = taint
	f.c.pruned = f.c.pruned || taint != 0 && verdict != maybe
	f.c.doubt = f.c.doubt || taint >= factTaint && verdict == maybe
	for way, closed := range [2]tri{always, never} {
		if verdict == closed {
			continue
		}
		out := *s
		if x.op != opMayGoto {
			na, no, ok := refine(x, a, o, way == 1)
			if !ok {
				continue
			}
			out.learn(a, na)
			out.regs[x.dst] = na
			if x.op&srcX != 0 {
				out.regs[x.src] = no
			}
		}
		f.c.edges[bi][way] = b.next[way] >= 0
		f.enter(b.next[way], &out)
	}
}

// touch notes how far down the stack a function reaches.
func (c *scope) touch(v val) { c.touchAt(int64(v.lo)) }

func (c *scope) touchAt(off int64) {
	if off < 0 && off >= -1<<15 {
		c.stack = max(c.stack, int(-off))
	}
}
