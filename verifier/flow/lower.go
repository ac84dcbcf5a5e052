package flow

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A lowerer makes the graph of a function's body.
type lowerer struct {
	g      *graph
	cur    *block
	scope  *scope
	breaks []target // where break goes to
	loops  []target // where continue goes to
	cases  []*switches
	labels []map[string]*label
	gotos  []pending
}

// A scope is a pair of braces.
type scope struct {
	up       *scope
	names    map[string]int
	cleanups []cleanup
}

// A cleanup is what runs when a variable goes out of scope.
type cleanup struct {
	fn string
	v  int
	at cindex.Span
}

// A target is where a jump goes to, and the scope that it ends up in.
type target struct {
	block int
	scope *scope
}

// A label is where goto goes to.
type label struct {
	target
	known bool
}

// A pending jump goes to a label that may stand behind it.
type pending struct {
	from  *block
	label *label
	scope *scope
	at    cindex.Span
}

// switches are the labels of one switch.
type switches struct {
	value  int
	blocks map[*cindex.Stmt]int
	scope  *scope
}

// maxBlocks bounds the graph of one function.
const maxBlocks = 20000

// lower makes the graph of a function, nil when it has no body to read.
func lower(fn *cindex.Func) *graph {
	f := fn.Flow()
	if f == nil {
		return nil
	}
	l := &lowerer{g: &graph{fn: fn, opaque: f.Opaque, texts: map[string]int{}}}
	l.labels = []map[string]*label{{}}
	l.scope = &scope{names: map[string]int{}}
	for _, p := range fn.Params {
		l.variable(p.Name, p.Type)
	}
	l.start(l.block())
	l.stmt(f.Body)
	l.leave(nil, f.Body.At)
	l.cur.term, l.cur.cond = termReturn, -1
	l.cur.at = cindex.Span{Start: max(f.Body.At.End-1, 0), End: f.Body.At.End}
	l.resolve()
	l.count()
	l.g.liveness()
	return l.g
}

// count notes which variables and texts are tested, and how often.
func (l *lowerer) count() {
	for _, b := range l.g.blocks {
		for i := range b.ops {
			if o := &b.ops[i]; o.text != "" && l.g.texts[o.text] < 2 {
				o.text = ""
			}
		}
	}
}

func (l *lowerer) block() int {
	l.g.blocks = append(l.g.blocks, &block{cond: -1, term: termDead})
	if len(l.g.blocks) > maxBlocks {
		l.g.opaque = true
	}
	return len(l.g.blocks) - 1
}

func (l *lowerer) start(b int) { l.cur = l.g.blocks[b] }

// jump ends the block with a jump.
func (l *lowerer) jump(to int) { l.cur.term, l.cur.then = termJump, to }

// dead goes on where nobody gets.
func (l *lowerer) dead() { l.start(l.block()) }

func (l *lowerer) emit(o op) int {
	l.cur.ops = append(l.cur.ops, o)
	return o.dst
}

func (l *lowerer) temp() int {
	l.g.slots = append(l.g.slots, slot{})
	return len(l.g.slots) - 1
}

func (l *lowerer) variable(name, typ string) int {
	aggregate := (strings.HasPrefix(typ, "struct ") || strings.HasPrefix(typ, "union ")) && !strings.Contains(typ, "*")
	l.g.slots = append(l.g.slots, slot{name: name, typ: typ, variable: true, aggregate: aggregate})
	s := len(l.g.slots) - 1
	if name != "" {
		l.scope.names[name] = s
	}
	return s
}

func (l *lowerer) lookup(name string) (int, bool) {
	for s := l.scope; s != nil; s = s.up {
		if v, ok := s.names[name]; ok {
			return v, v >= 0
		}
	}
	return -1, false
}

func (l *lowerer) push() { l.scope = &scope{up: l.scope, names: map[string]int{}} }

// pop ends the innermost scope, where control gets to its end.
func (l *lowerer) pop(at cindex.Span) {
	l.leave(l.scope.up, at)
	l.scope = l.scope.up
}

// leave runs what must run on the way out to a scope.
func (l *lowerer) leave(to *scope, at cindex.Span) {
	for s := l.scope; s != to && s != nil; s = s.up {
		for i := len(s.cleanups) - 1; i >= 0; i-- {
			c := s.cleanups[i]
			a := l.temp()
			l.g.slots[c.v].taken = true
			l.emit(op{kind: opAddr, dst: a, a: c.v, at: at})
			l.emit(op{kind: opCall, dst: l.temp(), name: c.fn, args: []int{a}, at: at, idle: true})
		}
	}
}

func (l *lowerer) stmts(list []*cindex.Stmt) {
	for _, s := range list {
		l.stmt(s)
	}
}

func (l *lowerer) stmt(s *cindex.Stmt) {
	if s == nil {
		return
	}
	switch s.Kind {
	case cindex.StmtExpr:
		if s.X != nil {
			l.effect(s.X)
		}
	case cindex.StmtBlock:
		l.push()
		l.stmts(s.List)
		l.pop(cindex.Span{Start: max(s.At.End-1, 0), End: s.At.End})
	case cindex.StmtDecl:
		l.declare(s)
	case cindex.StmtIf:
		l.ifStmt(s)
	case cindex.StmtWhile, cindex.StmtDo, cindex.StmtFor:
		l.loop(s)
	case cindex.StmtSwitch:
		l.switchStmt(s)
	case cindex.StmtCase, cindex.StmtDefault:
		l.caseLabel(s)
	case cindex.StmtReturn:
		l.ret(s)
	case cindex.StmtGoto:
		l.gotos = append(l.gotos, pending{l.cur, l.label(s.Name), l.scope, s.At})
		l.dead()
	case cindex.StmtLabel:
		l.place(s)
	case cindex.StmtBreak, cindex.StmtContinue:
		l.breakOut(s)
	}
}

func (l *lowerer) ret(s *cindex.Stmt) {
	v := -1
	if s.X != nil {
		v = l.value(s.X)
	}
	l.leave(nil, s.At)
	l.cur.term, l.cur.cond, l.cur.at = termReturn, v, s.At
	l.dead()
}

func (l *lowerer) breakOut(s *cindex.Stmt) {
	list := l.breaks
	if s.Kind == cindex.StmtContinue {
		list = l.loops
	}
	if len(list) == 0 {
		l.g.opaque = true
		return
	}
	to := list[len(list)-1]
	l.leave(to.scope, s.At)
	l.jump(to.block)
	l.dead()
}

// label finds a label of the function, or of the statement expression around.
func (l *lowerer) label(name string) *label {
	for i := len(l.labels) - 1; i >= 0; i-- {
		if lb := l.labels[i][name]; lb != nil {
			return lb
		}
	}
	lb := &label{}
	l.labels[0][name] = lb
	return lb
}

func (l *lowerer) place(s *cindex.Stmt) {
	lb := l.label(s.Name)
	if lb.known {
		l.g.opaque = true // twice the same label
		return
	}
	b := l.block()
	lb.known, lb.target = true, target{b, l.scope}
	l.jump(b)
	l.start(b)
}

// resolve sends gotos where they go, through the cleanups on their way.
func (l *lowerer) resolve() {
	for _, p := range l.gotos {
		if !p.label.known || !p.scope.within(p.label.scope) && p.label.scope.cleans() {
			l.g.opaque = true // into a scope, past what it sets up
			p.from.term = termDead
			continue
		}
		l.cur, l.scope = p.from, p.scope
		l.leave(p.scope.common(p.label.scope), p.at)
		l.jump(p.label.block)
	}
}

func (s *scope) within(outer *scope) bool {
	for ; s != nil; s = s.up {
		if s == outer {
			return true
		}
	}
	return outer == nil
}

// cleans tells whether a scope or one around it has cleanups.
func (s *scope) cleans() bool {
	for ; s != nil; s = s.up {
		if len(s.cleanups) > 0 {
			return true
		}
	}
	return false
}

// common gives the innermost scope around both.
func (s *scope) common(o *scope) *scope {
	for ; s != nil; s = s.up {
		if o.within(s) {
			return s
		}
	}
	return nil
}

func (l *lowerer) declare(s *cindex.Stmt) {
	if s.Static {
		l.scope.names[s.Name] = -1
		return
	}
	var v int
	if s.X != nil && s.X.Kind != cindex.NodeBraces && !s.Array {
		x := l.value(s.X)
		v = l.variable(s.Name, s.Type)
		l.emit(op{kind: opDeclare, dst: v, at: s.At})
		l.emit(op{kind: opMove, dst: v, a: x, at: s.At})
	} else {
		v = l.variable(s.Name, s.Type)
		l.emit(op{kind: opDeclare, dst: v, at: s.At})
		if s.X != nil {
			l.give(s.X)
		}
	}
	l.g.slots[v].aggregate = l.g.slots[v].aggregate || s.Array
	if s.Cleanup != "" {
		l.scope.cleanups = append(l.scope.cleanups, cleanup{s.Cleanup, v, s.At})
	}
}

// give lets what an initialiser holds go.
func (l *lowerer) give(n *cindex.Node) {
	if n.Kind != cindex.NodeBraces {
		l.emit(op{kind: opEscape, a: l.value(n), at: n.At})
		return
	}
	for _, a := range n.Args {
		l.give(a)
	}
}

func (l *lowerer) ifStmt(s *cindex.Stmt) {
	then, els, end := l.block(), l.block(), l.block()
	l.branch(s.X, then, els)
	l.start(then)
	l.stmt(s.Body)
	l.jump(end)
	l.start(els)
	l.stmt(s.Else)
	l.jump(end)
	l.start(end)
}

func (l *lowerer) loop(s *cindex.Stmt) {
	l.push()
	if s.Init != nil {
		l.stmts(s.Init.List)
	}
	head, body, post, end := l.block(), l.block(), l.block(), l.block()
	first := head
	if s.Kind == cindex.StmtDo {
		first = body
	}
	l.jump(first)
	l.start(head)
	if s.X != nil {
		l.branch(s.X, body, end)
	} else {
		l.jump(body)
	}
	l.breaks = append(l.breaks, target{end, l.scope})
	l.loops = append(l.loops, target{post, l.scope})
	l.start(body)
	l.stmt(s.Body)
	l.jump(post)
	l.breaks, l.loops = l.breaks[:len(l.breaks)-1], l.loops[:len(l.loops)-1]
	l.start(post)
	if s.Kind == cindex.StmtFor && s.Post != nil {
		l.effect(s.Post)
	}
	l.jump(head)
	l.start(end)
	l.pop(s.At)
}

func (l *lowerer) switchStmt(s *cindex.Stmt) {
	sw := &switches{value: l.value(s.X), blocks: map[*cindex.Stmt]int{}, scope: l.scope}
	end := l.block()
	other := end
	var list []*cindex.Stmt
	casesOf(s.Body, &list)
	for _, c := range list {
		sw.blocks[c] = l.block()
		if c.Kind == cindex.StmtDefault {
			other = sw.blocks[c]
		}
	}
	for _, c := range list {
		if c.Kind == cindex.StmtDefault {
			continue
		}
		l.caseTest(sw, c)
	}
	l.jump(other)
	l.dead()
	l.cases = append(l.cases, sw)
	l.breaks = append(l.breaks, target{end, l.scope})
	l.stmt(s.Body)
	l.jump(end)
	l.cases, l.breaks = l.cases[:len(l.cases)-1], l.breaks[:len(l.breaks)-1]
	l.start(end)
}

// caseTest goes to a case, or on to the next one.
func (l *lowerer) caseTest(sw *switches, c *cindex.Stmt) {
	next, t := l.block(), l.temp()
	if c.Post != nil || c.X == nil {
		l.emit(op{kind: opFresh, dst: t})
	} else {
		l.emit(op{kind: opBin, dst: t, a: sw.value, b: l.value(c.X), name: "==", at: c.At})
	}
	l.cur.term, l.cur.cond, l.cur.then, l.cur.els = termIf, t, sw.blocks[c], next
	l.start(next)
}

// casesOf finds the labels of a switch, but not those of one inside of it.
func casesOf(s *cindex.Stmt, out *[]*cindex.Stmt) {
	if s == nil || s.Kind == cindex.StmtSwitch {
		return
	}
	if s.Kind == cindex.StmtCase || s.Kind == cindex.StmtDefault {
		*out = append(*out, s)
	}
	for _, sub := range s.List {
		casesOf(sub, out)
	}
	casesOf(s.Body, out)
	casesOf(s.Else, out)
}

func (l *lowerer) caseLabel(s *cindex.Stmt) {
	if len(l.cases) == 0 {
		l.g.opaque = true
		return
	}
	sw := l.cases[len(l.cases)-1]
	b, ok := sw.blocks[s]
	if !ok || l.scope != sw.scope && l.scope.up != sw.scope && l.scope.cleans() {
		l.g.opaque = true
		return
	}
	l.jump(b)
	l.start(b)
}
