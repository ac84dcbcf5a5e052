package flow

import (
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// effect lowers an expression whose value nobody looks at.
func (l *lowerer) effect(n *cindex.Node) {
	before := len(l.g.slots)
	v := l.value(n)
	if v < before || len(l.cur.ops) == 0 {
		return
	}
	if last := &l.cur.ops[len(l.cur.ops)-1]; last.dst == v && last.kind != opStore {
		last.idle = true
	}
}

// value lowers an expression and gives the slot with its value.
func (l *lowerer) value(n *cindex.Node) int {
	if n == nil {
		return l.fresh(cindex.Span{})
	}
	switch n.Kind {
	case cindex.NodeName:
		return l.name(n)
	case cindex.NodeInt:
		return l.constant(n.Int, n.At)
	case cindex.NodeCall:
		return l.call(n)
	case cindex.NodeField, cindex.NodeArrow, cindex.NodeIndex, cindex.NodeDeref:
		return l.load(n)
	case cindex.NodeAddr:
		return l.address(n.X, n.At)
	case cindex.NodeAnd, cindex.NodeOr:
		return l.logical(n)
	case cindex.NodeCond:
		return l.ternary(n)
	case cindex.NodeAssign:
		return l.assign(n)
	case cindex.NodeStep:
		v := l.fresh(n.At)
		l.store(n.X, v, n.At)
		return v
	case cindex.NodeComma:
		l.effect(n.X)
		return l.value(n.Y)
	case cindex.NodeCast:
		return l.value(n.X)
	case cindex.NodeBlock:
		return l.stmtExpr(n)
	}
	return l.plain(n)
}

// plain lowers an expression that does nothing but compute.
func (l *lowerer) plain(n *cindex.Node) int {
	switch n.Kind {
	case cindex.NodeNot:
		return l.emit(op{kind: opNot, a: l.value(n.X), dst: l.temp(), at: n.At})
	case cindex.NodeUnary:
		if n.X.Kind == cindex.NodeInt && n.Name == "-" {
			return l.constant(-n.X.Int, n.At)
		}
		l.value(n.X)
	case cindex.NodeBinary:
		a, b := l.value(n.X), l.value(n.Y)
		return l.emit(op{kind: opBin, a: a, b: b, dst: l.temp(), name: n.Name, text: l.text(n), at: n.At})
	case cindex.NodeBraces:
		l.give(n)
	case cindex.NodeFact:
		return l.emit(op{kind: opFact, fact: n.Fact, dst: l.temp(), at: n.At})
	case cindex.NodeString:
		return l.emit(op{kind: opAddrName, name: "\"", dst: l.temp(), at: n.At})
	}
	return l.fresh(n.At)
}

func (l *lowerer) constant(v int64, at cindex.Span) int {
	return l.emit(op{kind: opConst, n: v, dst: l.temp(), at: at})
}

func (l *lowerer) fresh(at cindex.Span) int {
	return l.emit(op{kind: opFresh, dst: l.temp(), at: at})
}

// name gives a variable's slot. What is done to the variable later must not
// change the value, so it is copied.
func (l *lowerer) name(n *cindex.Node) int {
	v, ok := l.lookup(n.Name)
	if !ok {
		return l.emit(op{kind: opGlobal, name: n.Name, text: l.text(n), dst: l.temp(), at: n.At})
	}
	if l.g.slots[v].aggregate {
		return l.addrOf(v, n.At)
	}
	return l.emit(op{kind: opMove, a: v, dst: l.temp(), at: n.At})
}

func (l *lowerer) addrOf(v int, at cindex.Span) int {
	l.g.slots[v].taken = true
	return l.emit(op{kind: opAddr, a: v, dst: l.temp(), at: at})
}

// load reads memory: p->x, *p, p[i], s.x.
func (l *lowerer) load(n *cindex.Node) int {
	base, field, local := l.place2(n)
	if local {
		return l.fresh(n.At)
	}
	return l.emit(op{kind: opLoad, a: base, name: field, text: l.text(n), typ: l.pointee(n), dst: l.temp(), at: n.At})
}

// pointee gives what the variable p of p->x was declared to point to.
func (l *lowerer) pointee(n *cindex.Node) string {
	if n.Kind != cindex.NodeArrow || n.X.Kind != cindex.NodeName {
		return ""
	}
	v, ok := l.lookup(n.X.Name)
	if !ok {
		return ""
	}
	typ, ptr := strings.CutSuffix(l.g.slots[v].typ, "*")
	if typ = strings.TrimSpace(typ); !ptr || strings.Contains(typ, "*") {
		return ""
	}
	return strings.TrimPrefix(typ, "const ")
}

// place2 gives the pointer that an access goes through and the field. local
// tells that it goes to a variable of the function, whose parts are not
// followed.
func (l *lowerer) place2(n *cindex.Node) (base int, field string, local bool) {
	switch n.Kind {
	case cindex.NodeField:
		if v, ok := l.variableOf(n.X); ok {
			return v, n.Name, true
		}
		switch n.X.Kind {
		case cindex.NodeField, cindex.NodeArrow, cindex.NodeIndex, cindex.NodeDeref:
			base, field, local = l.place2(n.X)
			return base, field + "." + n.Name, local
		}
		return l.value(n.X), "." + n.Name, n.X.Kind == cindex.NodeName
	case cindex.NodeArrow:
		return l.value(n.X), n.Name, false
	case cindex.NodeIndex:
		l.value(n.Y)
		if v, ok := l.variableOf(n.X); ok {
			return v, "[]", l.g.slots[v].aggregate
		}
		return l.value(n.X), "[]", false
	}
	return l.value(n.X), "*", false // NodeDeref
}

// variableOf tells whether an expression names a variable of the function that
// is a struct or an array.
func (l *lowerer) variableOf(n *cindex.Node) (int, bool) {
	if n.Kind != cindex.NodeName {
		return -1, false
	}
	v, ok := l.lookup(n.Name)
	return v, ok && l.g.slots[v].aggregate
}

// address lowers &x.
func (l *lowerer) address(n *cindex.Node, at cindex.Span) int {
	switch n.Kind {
	case cindex.NodeName:
		if v, ok := l.lookup(n.Name); ok {
			return l.addrOf(v, at)
		}
		return l.emit(op{kind: opAddrName, name: n.Name, dst: l.temp(), at: at})
	case cindex.NodeCast:
		return l.address(n.X, at)
	case cindex.NodeDeref:
		return l.value(n.X)
	case cindex.NodeField, cindex.NodeArrow, cindex.NodeIndex:
		base, field, local := l.place2(n)
		if local {
			return l.partOf(base, at)
		}
		return l.emit(op{kind: opField, a: base, name: field, dst: l.temp(), at: at})
	}
	l.value(n)
	return l.fresh(at)
}

// partOf is the address of something inside of a variable: whoever gets it may
// change the variable.
func (l *lowerer) partOf(v int, at cindex.Span) int {
	if v >= 0 && l.g.slots[v].variable {
		l.g.slots[v].taken = true
	}
	return l.fresh(at)
}

func (l *lowerer) assign(n *cindex.Node) int {
	v := l.value(n.Y)
	if n.Name != "" {
		l.value(n.X)
		v = l.fresh(n.At)
	}
	l.store(n.X, v, n.At)
	return v
}

// store writes a value to what an expression names.
func (l *lowerer) store(n *cindex.Node, v int, at cindex.Span) {
	switch n.Kind {
	case cindex.NodeCast:
		l.store(n.X, v, at)
	case cindex.NodeName:
		if s, ok := l.lookup(n.Name); ok && !l.g.slots[s].aggregate {
			l.emit(op{kind: opMove, dst: s, a: v, at: at})
			return
		}
		l.emit(op{kind: opEscape, a: v, at: at})
		l.emit(op{kind: opStore, a: l.emit(op{kind: opAddrName, name: n.Name, dst: l.temp()}), b: v, name: n.Name, dst: -1, at: at})
	case cindex.NodeField, cindex.NodeArrow, cindex.NodeIndex, cindex.NodeDeref:
		base, field, local := l.place2(n)
		if local {
			l.emit(op{kind: opEscape, a: v, at: at})
			return
		}
		l.emit(op{kind: opStore, a: base, b: v, name: field, dst: -1, at: at})
	default:
		l.value(n)
		l.emit(op{kind: opEscape, a: v, at: at})
	}
}

func (l *lowerer) call(n *cindex.Node) int {
	if n.Name == "" {
		l.value(n.X)
	} else if v, ok := l.lookup(n.Name); ok {
		l.emit(op{kind: opMove, a: v, dst: l.temp(), at: n.At})
		n = &cindex.Node{Kind: n.Kind, At: n.At, Args: n.Args}
	}
	args := make([]int, len(n.Args))
	for i, a := range n.Args {
		args[i] = l.value(a)
	}
	if n.Name == "__builtin_unreachable" || n.Name == "__builtin_trap" || n.Name == "bpf_throw" {
		l.emit(op{kind: opCall, dst: l.temp(), name: n.Name, args: args, call: n, at: n.At})
		l.cur.term = termDead
		l.start(l.block())
		return l.fresh(n.At)
	}
	return l.emit(op{kind: opCall, dst: l.temp(), name: n.Name, args: args, call: n, at: n.At})
}

// logical lowers && and || that are looked at as values.
func (l *lowerer) logical(n *cindex.Node) int {
	dst := l.temp()
	yes, no, end := l.block(), l.block(), l.block()
	l.branch(n, yes, no)
	l.start(yes)
	l.emit(op{kind: opConst, dst: dst, n: 1})
	l.jump(end)
	l.start(no)
	l.emit(op{kind: opConst, dst: dst})
	l.jump(end)
	l.start(end)
	return dst
}

func (l *lowerer) ternary(n *cindex.Node) int {
	dst := l.temp()
	yes, no, end := l.block(), l.block(), l.block()
	var c int
	if n.Y == nil {
		c = l.value(n.X)
		l.cur.term, l.cur.cond, l.cur.then, l.cur.els = termIf, c, yes, no
	} else {
		l.branch(n.X, yes, no)
	}
	l.start(yes)
	if n.Y != nil {
		c = l.value(n.Y)
	}
	l.emit(op{kind: opMove, dst: dst, a: c})
	l.jump(end)
	l.start(no)
	l.emit(op{kind: opMove, dst: dst, a: l.value(n.Z)})
	l.jump(end)
	l.start(end)
	return dst
}

// branch goes to one block when an expression holds, and else to another.
func (l *lowerer) branch(n *cindex.Node, yes, no int) {
	switch {
	case n == nil:
	case n.Kind == cindex.NodeNot:
		l.branch(n.X, no, yes)
		return
	case n.Kind == cindex.NodeAnd, n.Kind == cindex.NodeOr:
		mid := l.block()
		if n.Kind == cindex.NodeAnd {
			l.branch(n.X, mid, no)
		} else {
			l.branch(n.X, yes, mid)
		}
		l.start(mid)
		l.branch(n.Y, yes, no)
		return
	}
	v := l.value(n)
	if n != nil {
		l.noteTest(n)
	}
	l.cur.term, l.cur.cond, l.cur.then, l.cur.els = termIf, v, yes, no
}

// noteTest counts what a condition looks at.
func (l *lowerer) noteTest(n *cindex.Node) {
	if n == nil {
		return
	}
	if n.Kind == cindex.NodeName {
		if v, ok := l.lookup(n.Name); ok {
			l.g.slots[v].tested++
		}
	}
	if t := l.text(n); t != "" {
		l.g.texts[t]++
	}
	for _, x := range []*cindex.Node{n.X, n.Y, n.Z} {
		l.noteTest(x)
	}
}

// stmtExpr lowers ({ ... }).
func (l *lowerer) stmtExpr(n *cindex.Node) int {
	own := map[string]*label{}
	ownLabels(n.Body, own)
	l.labels = append(l.labels, own)
	l.push()
	list := n.Body.List
	v := -1
	for i, s := range list {
		if i == len(list)-1 && s.Kind == cindex.StmtExpr && s.X != nil {
			v = l.value(s.X)
			continue
		}
		l.stmt(s)
	}
	l.pop(n.At)
	l.labels = l.labels[:len(l.labels)-1]
	if v < 0 {
		v = l.fresh(n.At)
	}
	return v
}

// ownLabels finds the labels that stand in a statement expression: nobody jumps
// to them from outside.
func ownLabels(s *cindex.Stmt, out map[string]*label) {
	if s == nil {
		return
	}
	if s.Kind == cindex.StmtLabel {
		out[s.Name] = &label{}
	}
	for _, sub := range s.List {
		ownLabels(sub, out)
	}
	ownLabels(s.Body, out)
	ownLabels(s.Else, out)
}

// text spells an expression that has the same value wherever it stands, as long
// as what it is made of stays the same; "" for others. Variables are told apart
// by their slots.
func (l *lowerer) text(n *cindex.Node) string {
	var b strings.Builder
	if !l.spell(&b, n, 0) {
		return ""
	}
	return b.String()
}

func (l *lowerer) spell(b *strings.Builder, n *cindex.Node, depth int) bool {
	if n == nil || depth > 12 {
		return false
	}
	switch n.Kind {
	case cindex.NodeInt:
		b.WriteString(strconv.FormatInt(n.Int, 10))
		return true
	case cindex.NodeName:
		if v, ok := l.lookup(n.Name); ok {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(v))
			return true
		}
		b.WriteString(n.Name)
		return true
	case cindex.NodeCast:
		return l.spell(b, n.X, depth+1)
	case cindex.NodeNot, cindex.NodeUnary, cindex.NodeDeref:
		b.WriteString("(" + n.Name)
		return l.spell(b, n.X, depth+1)
	case cindex.NodeField, cindex.NodeArrow:
		ok := l.spell(b, n.X, depth+1)
		b.WriteString("." + n.Name)
		return ok
	case cindex.NodeBinary, cindex.NodeIndex:
		b.WriteByte('(')
		ok := l.spell(b, n.X, depth+1)
		b.WriteString(n.Name + ",")
		return l.spell(b, n.Y, depth+1) && ok
	}
	return false
}
