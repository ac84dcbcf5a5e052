package flow

import (
	"encoding/binary"
	"slices"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A value is what a slot holds.
type value struct {
	kind valueKind
	n    int64 // of a constant; the number of a symbol; the absolute slot of a stack pointer
}

type valueKind uint8

const (
	valueNone  valueKind = iota // nothing is known, not even whether two of them are the same
	valueConst                  // n
	valueSym                    // symbol n
	valueStack                  // the address of slot n
)

// origin says where a pointer came from, as far as it matters for what may be
// done with it.
type origin uint8

const (
	fromUnknown  origin = iota
	fromArgument        // an argument of the program that the kernel hands in, trusted
	fromField           // read out of what another pointer points to
	fromKfunc           // what a kfunc or helper gave
	fromKptr            // read out of a kptr field of a map value
	fromGlobal          // the address of a global variable or a string
)

// A symbol is an unknown value and what the path so far tells of it.
type symbol struct {
	id      int64
	lo, hi  int64 // it is in between
	nonzero bool
	mayNull bool // the verifier has it as a pointer that may be NULL, not tested yet
	origin  origin
	ref     int  // the reference that it carries, 0 for none
	gone    bool // that reference was released
	unsafe  bool // the RCU section that protected it is over
	rcu     int  // the RCU section that protects it, 0 for none
	src     *source
	def     definition
}

// A definition is how a symbol came out of others.
type definition struct {
	op   string
	a, b value
	name string
	kept bool // the same expression stands elsewhere: it has the same value there
}

// A source is the call, or the parameter, that a value came from.
type source struct {
	fn   *cindex.Func
	at   cindex.Span
	name string // the kfunc's name, or the parameter's
	typ  string // "struct task_struct *"
}

// A reference is something that must be released.
type reference struct {
	id  int
	src *source
}

// An iterator is one on the stack that was made and not destroyed.
type iterator struct {
	slot int64
	kind string
	src  *source
	rcu  int // the RCU section in which it was made
	of   int // the reference that it rests on, 0 for none
}

// A region is a section that was entered and not left.
type region struct {
	kind regionKind
	slot int64 // of the flags of an IRQ section
	src  *source
}

type regionKind uint8

const (
	regionRCU regionKind = iota
	regionPreempt
	regionIRQ
	regionLock    // bpf_spin_lock
	regionResLock // bpf_res_spin_lock
)

type entry struct {
	slot int64
	v    value
}

// A state is what is known at one point of one path.
type state struct {
	vals    []entry
	syms    []symbol
	refs    []reference
	iters   []iterator
	regions []region
	wild    []int64 // variables whose address went where nobody follows it
	nextSym int64
	nextRef int
	section int    // counts RCU sections
	rodata  string // a `const volatile` that this path takes for something else than its default
}

func (s *state) clone() *state {
	c := *s
	c.vals = slices.Clone(s.vals)
	c.syms = slices.Clone(s.syms)
	c.refs = slices.Clone(s.refs)
	c.iters = slices.Clone(s.iters)
	c.regions = slices.Clone(s.regions)
	c.wild = slices.Clone(s.wild)
	return &c
}

func (s *state) get(slot int64) value {
	for i := len(s.vals) - 1; i >= 0; i-- {
		if s.vals[i].slot == slot {
			return s.vals[i].v
		}
	}
	return value{}
}

func (s *state) set(slot int64, v value) {
	for i := range s.vals {
		if s.vals[i].slot == slot {
			s.vals[i].v = v
			return
		}
	}
	s.vals = append(s.vals, entry{slot, v})
}

func (s *state) forget(slot int64) {
	s.vals = slices.DeleteFunc(s.vals, func(e entry) bool { return e.slot == slot })
}

const maxInt = int64(^uint64(0) >> 1)

// fresh gives a new symbol; the pointer holds until the next one is made.
func (s *state) fresh() (value, *symbol) {
	s.nextSym++
	s.syms = append(s.syms, symbol{id: s.nextSym, lo: -maxInt - 1, hi: maxInt})
	return value{valueSym, s.nextSym}, &s.syms[len(s.syms)-1]
}

// sym gives what is known of a symbolic value, nil for others.
func (s *state) sym(v value) *symbol {
	if v.kind != valueSym {
		return nil
	}
	for i := len(s.syms) - 1; i >= 0; i-- {
		if s.syms[i].id == v.n {
			return &s.syms[i]
		}
	}
	return nil
}

// same gives the value of an expression: the one that it had before, when it
// is asked for again and nothing changed.
func (s *state) same(d definition) value {
	if d.kept {
		for i := range s.syms {
			if s.syms[i].def == d {
				return value{valueSym, s.syms[i].id}
			}
		}
	}
	v, sym := s.fresh()
	sym.def = d
	return v
}

// stored forgets what was read from fields of a name, "" for all memory.
func (s *state) stored(name string) {
	for i := range s.syms {
		if d := &s.syms[i].def; d.kept && (d.op == "load" || d.op == "global") && (name == "" || d.name == name) {
			d.kept = false
		}
	}
}

func (s *state) reference(id int) *reference {
	for i := range s.refs {
		if s.refs[i].id == id {
			return &s.refs[i]
		}
	}
	return nil
}

// drop ends a reference without a release: nobody follows it any more, or it
// never was one.
func (s *state) drop(id int) {
	s.refs = slices.DeleteFunc(s.refs, func(r reference) bool { return r.id == id })
}

// held counts the regions of a kind that are open.
func (s *state) held(kind regionKind) int {
	n := 0
	for _, r := range s.regions {
		if r.kind == kind {
			n++
		}
	}
	return n
}

// inner gives the index of the innermost region of a kind, -1 for none.
func (s *state) inner(kind regionKind) int {
	for i := len(s.regions) - 1; i >= 0; i-- {
		if s.regions[i].kind == kind {
			return i
		}
	}
	return -1
}

// A keyer spells a state so that two that go on alike are spelled alike.
type keyer struct {
	s     *state
	buf   []byte
	order []int64 // symbols as they were met
}

// key spells a state. The numbers of symbols and references do not count.
func (s *state) key() string {
	slices.SortFunc(s.vals, func(a, b entry) int { return int(a.slot - b.slot) })
	k := &keyer{s: s}
	for _, e := range s.vals {
		k.num(e.slot)
		k.value(e.v)
	}
	for i := 0; i < len(k.order); i++ {
		k.symbol(s.sym(value{valueSym, k.order[i]}))
	}
	k.memo()
	for _, r := range s.refs {
		k.source(r.src)
	}
	k.buf = append(k.buf, '|')
	for _, it := range s.iters {
		k.num(it.slot)
		k.flag(it.rcu > 0, it.rcu == s.section, it.of > 0 && s.reference(it.of) != nil)
		k.buf = append(k.buf, it.kind...)
	}
	k.buf = append(k.buf, '|')
	for _, r := range s.regions {
		k.num(int64(r.kind))
		k.num(r.slot)
	}
	for _, w := range s.wild {
		k.num(w)
	}
	k.buf = append(k.buf, s.rodata...)
	return string(k.buf)
}

func (k *keyer) num(n int64) {
	k.buf = binary.AppendVarint(k.buf, n)
}

func (k *keyer) value(v value) {
	k.buf = append(k.buf, '0'+byte(v.kind))
	if v.kind != valueSym {
		k.num(v.n)
		return
	}
	i := slices.Index(k.order, v.n)
	if i < 0 {
		i = len(k.order)
		k.order = append(k.order, v.n)
	}
	k.num(int64(i))
}

func (k *keyer) flag(list ...bool) {
	for _, b := range list {
		if b {
			k.buf = append(k.buf, '+')
		} else {
			k.buf = append(k.buf, '-')
		}
	}
}

func (k *keyer) symbol(y *symbol) {
	if y == nil {
		return
	}
	k.num(y.lo)
	k.num(y.hi)
	k.flag(y.nonzero, y.mayNull, y.gone, y.unsafe, y.rcu > 0)
	k.num(int64(y.origin))
	if y.ref > 0 {
		for i := range k.s.refs {
			if k.s.refs[i].id == y.ref {
				k.num(int64(i))
			}
		}
	}
	k.source(y.src)
	k.definition(&y.def)
}

func (k *keyer) definition(d *definition) {
	if d.op == "" {
		return
	}
	k.flag(d.kept)
	k.buf = append(k.buf, d.op...)
	k.buf = append(k.buf, d.name...)
	k.value(d.a)
	k.value(d.b)
}

// memo spells the expressions that may be asked for again and that no slot
// holds.
func (k *keyer) memo() {
	for i := range k.s.syms {
		y := &k.s.syms[i]
		if y.def.kept && !slices.Contains(k.order, y.id) {
			k.symbol(y)
		}
	}
}

func (k *keyer) source(src *source) {
	if src == nil {
		return
	}
	k.buf = append(k.buf, src.fn.Name...)
	k.num(int64(src.at.Start))
}

// sweep drops the symbols that nothing refers to any more.
func (s *state) sweep() {
	used := map[int64]bool{}
	var use func(v value, depth int)
	use = func(v value, depth int) {
		if v.kind != valueSym || used[v.n] || depth > 20 {
			return
		}
		used[v.n] = true
		if y := s.sym(v); y != nil {
			use(y.def.a, depth+1)
			use(y.def.b, depth+1)
		}
	}
	for _, e := range s.vals {
		use(e.v, 0)
	}
	for i := range s.syms {
		// What hangs on dead symbols can never be asked for again.
		if y := &s.syms[i]; y.def.kept && s.asked(y.def.a, used) && s.asked(y.def.b, used) {
			use(value{valueSym, y.id}, 0)
		}
	}
	s.syms = slices.DeleteFunc(s.syms, func(y symbol) bool { return !used[y.id] })
	s.lost()
}

// lost keeps one of the references from one place that no symbol carries any
// more: a loop would gather them without end.
func (s *state) lost() {
	if len(s.refs) < 2 {
		return
	}
	carried := map[int]bool{}
	for i := range s.syms {
		carried[s.syms[i].ref] = true
	}
	seen := map[Place]bool{}
	s.refs = slices.DeleteFunc(s.refs, func(r reference) bool {
		if carried[r.id] {
			return false
		}
		again := seen[r.src.place()]
		seen[r.src.place()] = true
		return again
	})
}

// asked tells whether an operand can come up again.
func (s *state) asked(v value, used map[int64]bool) bool {
	return v.kind != valueSym || used[v.n]
}
