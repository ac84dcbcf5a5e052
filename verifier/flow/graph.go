package flow

import "github.com/scx-lsp/scx-lsp/cindex"

// A graph is the control flow of a function: blocks of operations on slots. A
// slot is a parameter, a variable or the value of an expression.
type graph struct {
	fn     *cindex.Func
	blocks []*block
	slots  []slot
	live   [][]uint64 // by block: the variables whose values count at its start
	// opaque says that something in the body is not modelled.
	opaque bool
	// retested are the texts of the conditions that stand in more than one
	// place: what came out of one of them matters for the next.
	texts map[string]int
}

// A slot is a place for one value.
type slot struct {
	name      string
	typ       string
	variable  bool // not the value of an expression
	aggregate bool // a struct or an array: its value is not followed
	taken     bool // its address is taken
	tested    int  // in how many conditions it is
}

// A block is a row of operations that run one after the other.
type block struct {
	ops  []op
	term termKind
	cond int // slot; of termReturn -1 for nothing
	then int
	els  int
	at   cindex.Span
}

type termKind uint8

const (
	termJump   termKind = iota // to then
	termIf                     // then or els
	termReturn                 // cond is what is returned
	termDead                   // nobody gets behind it
)

type opKind uint8

const (
	opConst    opKind = iota // dst = n
	opMove                   // dst = a
	opFresh                  // dst = something unknown
	opGlobal                 // dst = global name
	opAddrName               // dst = &name, of a global
	opAddr                   // dst = &a, of a variable
	opLoad                   // dst = a->name
	opField                  // dst = &a->name
	opStore                  // a->name = b
	opBin                    // dst = a name b
	opNot                    // dst = !a
	opCall                   // dst = name(args)
	opEscape                 // a goes where nobody follows it
	opDeclare                // the variable dst comes into being
	opFact                   // dst = fact
)

// An op is one operation.
type op struct {
	kind opKind
	dst  int
	a, b int
	n    int64
	name string
	text string // of what may be asked again: the same text has the same value
	args []int
	call *cindex.Node
	fact *cindex.Expr
	at   cindex.Span
	idle bool   // nobody looks at the result
	typ  string // of a load: what the pointer's variable was declared as, "struct foo"
}

// reads calls f with every slot that an operation reads.
func (o *op) reads(f func(int)) {
	switch o.kind {
	case opMove, opLoad, opField, opNot, opEscape:
		f(o.a)
	case opAddr:
		f(o.a)
	case opStore, opBin:
		f(o.a)
		f(o.b)
	case opCall:
		for _, a := range o.args {
			f(a)
		}
	}
}

// writes gives the slot that an operation sets, -1 for none.
func (o *op) writes() int {
	switch o.kind {
	case opStore, opEscape:
		return -1
	}
	return o.dst
}

// succ calls f with the blocks behind a block.
func (b *block) succ(f func(int)) {
	switch b.term {
	case termJump:
		f(b.then)
	case termIf:
		f(b.then)
		f(b.els)
	}
}

// liveness finds which variables are read before they are set, block by block.
func (g *graph) liveness() {
	words := (len(g.slots) + 63) / 64
	g.live = make([][]uint64, len(g.blocks))
	for i := range g.live {
		g.live[i] = make([]uint64, words)
	}
	for changed := true; changed; {
		changed = false
		for i := len(g.blocks) - 1; i >= 0; i-- {
			now := g.liveAt(i, words)
			for w := range now {
				if now[w] != g.live[i][w] {
					changed = true
				}
			}
			g.live[i] = now
		}
	}
}

func (g *graph) liveAt(i, words int) []uint64 {
	b := g.blocks[i]
	set := make([]uint64, words)
	b.succ(func(s int) {
		for w := range set {
			set[w] |= g.live[s][w]
		}
	})
	use := func(s int) {
		if s >= 0 {
			set[s/64] |= 1 << (s % 64)
		}
	}
	if b.term == termIf || b.term == termReturn {
		use(b.cond)
	}
	for j := len(b.ops) - 1; j >= 0; j-- {
		o := &b.ops[j]
		if w := o.writes(); w >= 0 {
			set[w/64] &^= 1 << (w % 64)
		}
		o.reads(use)
	}
	return set
}

// isLive tells whether the value of a slot counts at the start of a block.
func (g *graph) isLive(b, s int) bool {
	return g.slots[s].taken || g.live[b][s/64]&(1<<(s%64)) != 0
}
