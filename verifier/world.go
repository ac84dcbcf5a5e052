package verifier

import (
	"math/bits"
	"sync"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A kset is a set of the kernels of a check, a bit each. Nearly all of what a
// walk does is the same for all kernels, so that it is done for all at once.
type kset uint64

// maxKernels is how many kernels one walk can carry.
const maxKernels = 64

func firstKernels(n int) kset { return ^kset(0) >> (maxKernels - n) }

// pop takes the oldest kernel out of a set.
func (s *kset) pop() int {
	i := bits.TrailingZeros64(uint64(*s))
	*s &= *s - 1
	return i
}

// A world is the kernels of a check and what they answered so far. It is
// shared by all checks for these kernels.
type world struct {
	kernels []*btfdb.Kernel // at most maxKernels
	first   int             // where they begin in the list of the check
	all     kset

	mu      sync.Mutex
	callees map[string]*callee  // by the kernel's name; guarded by mu
	places  map[placeKey]*place // guarded by mu
}

// A callee is a function outside the sources.
type callee struct {
	name   string         // what kernels call it
	kfuncs []*btfdb.Kfunc // by kernel, nil where it has none
	has    kset
}

// A place is a context that programs run in.
type place struct {
	known    kset            // kernels that know the context
	contexts []btfdb.Context // by kernel
	answers  map[question]*answers
}

type placeKey struct {
	name      string // "sched_ext_ops.enqueue", or the section
	sleepable bool
}

type question struct {
	callee *callee
	async  cindex.CallKind
}

// answers are what the kernels say of one call in one context.
type answers struct {
	refused  kset
	by       [btfdb.NotCallable + 1]kset // by outcome
	verdicts []btfdb.Verdict             // by kernel
}

// outcomes is a set of [btfdb.Outcome], a bit each.
type outcomes uint16

// with gives the kernels that answer with one of some outcomes.
func (a *answers) with(only outcomes) kset {
	var on kset
	for o := range a.by {
		if only&(1<<o) != 0 {
			on |= a.by[o]
		}
	}
	return on
}

func newWorld(kernels []*btfdb.Kernel, first int) *world {
	return &world{
		kernels: kernels, first: first, all: firstKernels(len(kernels)),
		callees: map[string]*callee{}, places: map[placeKey]*place{},
	}
}

func (w *world) callee(name string) *callee {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.callees[name]
	if c == nil {
		c = &callee{name: name, kfuncs: make([]*btfdb.Kfunc, len(w.kernels))}
		for i, k := range w.kernels {
			if c.kfuncs[i] = k.Kfunc(name); c.kfuncs[i] != nil {
				c.has |= 1 << i
			}
		}
		w.callees[name] = c
	}
	return c
}

// place gives the context of a root.
func (w *world) place(r Root) *place {
	key := placeKey{r.Program.Section, r.Program.Sleepable}
	if r.Wiring != nil {
		key.name = r.Name
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.places[key]
	if p == nil {
		p = &place{contexts: make([]btfdb.Context, len(w.kernels)), answers: map[question]*answers{}}
		for i, k := range w.kernels {
			ctx, ok := r.context(k)
			if ok {
				p.known |= 1 << i
			}
			p.contexts[i] = ctx
		}
		w.places[key] = p
	}
	return p
}

// ask gives what the kernels say of a call.
func (w *world) ask(p *place, c *callee, async cindex.CallKind) *answers {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := question{c, async}
	a := p.answers[q]
	if a == nil {
		a = &answers{verdicts: make([]btfdb.Verdict, len(w.kernels))}
		for s := p.known; s != 0; {
			i := s.pop()
			v := w.kernels[i].Query(deferred(w.kernels[i], p.contexts[i], async), c.name)
			a.verdicts[i] = v
			a.by[v.Outcome] |= 1 << i
			if v.Refused() {
				a.refused |= 1 << i
			}
		}
		p.answers[q] = a
	}
	return a
}

// deferred gives the context that a call really runs in.
func deferred(k *btfdb.Kernel, ctx btfdb.Context, async cindex.CallKind) btfdb.Context {
	switch async {
	case cindex.CallTimer:
		return k.In(ctx, btfdb.Timer)
	case cindex.CallWork:
		return k.In(ctx, btfdb.Workqueue)
	}
	return ctx
}
