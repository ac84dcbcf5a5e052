package cindex

// Raw facts are what the parser finds in one piece. Spans count from the
// piece's start, names are not looked up yet. They are immutable.
type facts struct {
	funcs   []*rawFunc
	tables  []*rawTable
	externs []rawExtern
	vars    []rawVar
	enums   []rawEnum
	protos  []rawProto
	tags    []rawTag
	license *rawLicense
}

// A rawLicense is a string in section "license".
type rawLicense struct {
	at    Span
	value string
}

func (f *facts) empty() bool {
	return len(f.funcs)+len(f.tables)+len(f.externs)+len(f.vars)+len(f.enums)+len(f.protos)+len(f.tags) == 0 && f.license == nil
}

type rawFunc struct {
	name    string
	at      Span
	body    Span
	params  []Param
	ret     string
	static  bool
	weak    bool
	section string
	calls   []rawCall
	pcalls  []paramCall
	vias    bool // a call came out of a macro
	// result is what a static function gives whose body is one return; nil when
	// nothing is known of it, or when it depends on the parameters.
	result *Expr
	flow   *flowSource
}

// A paramCall is a parameter that the function calls, or hands to a helper
// that does.
type paramCall struct {
	param  int
	kind   CallKind
	helper string
}

type rawCall struct {
	callee string
	at     Span
	kind   CallKind
	helper string
	via    *viaNode
	args   []*Expr
	guards *guard
	unsure bool
}

type rawTable struct {
	name, spelled, section string
	at                     Span
	inits                  []rawInit
}

type rawInit struct {
	member, value, fn string
	num               *Expr
	at                Span
	unsure            bool
}

type rawExtern struct {
	name    string
	at      Span
	weak    bool
	fn      bool
	kconfig bool
}

// A rawVar is a global variable.
type rawVar struct {
	name    string
	at      Span
	typ     string
	section string
	extern  bool
	static  bool
	rodata  bool  // const volatile: may be set before the load
	fixed   bool  // const only: the compiler knows it
	kptr    bool  // holds a kptr
	init    *Expr // the initial value of rodata and fixed ones
}

type rawEnum struct {
	name string
	at   Span
	val  *Expr
}

// A rawProto is a function's declaration.
type rawProto struct {
	name string
	at   Span
}

// A rawTag is a struct, union, enum or typedef that the piece defines.
type rawTag struct {
	name  string // "struct foo"
	at    Span
	kptrs []string // its fields that hold kptrs
}

// A guard is a condition that holds where the parser stands, with those around
// it.
type guard struct {
	e     *Expr
	up    *guard
	depth int
}

// maxGuards bounds the conditions of one place; the innermost are left out.
const maxGuards = 100

func (g *guard) and(e *Expr) *guard {
	if e == nil || e.Op == OpUnknown || e.Op == OpRange || e.Op == OpInt && e.Int != 0 {
		return g
	}
	for e.Op == OpNot && e.X.Op == OpNot {
		e = e.X.X
	}
	if e.Op == OpAnd {
		return g.and(e.X).and(e.Y)
	}
	n := &guard{e: e, up: g, depth: 1}
	if g != nil {
		if g.depth >= maxGuards {
			return g
		}
		n.depth = g.depth + 1
	}
	return n
}

// common gives the conditions that hold both under a and under b.
func common(a, b *guard) *guard {
	for a != b {
		switch {
		case a == nil || b == nil:
			return nil
		case a.depth >= b.depth:
			if a.depth == b.depth {
				b = b.up
			}
			a = a.up
		default:
			b = b.up
		}
	}
	return a
}
