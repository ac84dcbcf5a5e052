package cindex

// A flowReader reads function bodies as trees. It shares the parser's way of
// telling declarations, casts and attributes, and notes no facts.
type flowReader struct {
	parser
	base   int // where the body starts in the piece
	opaque bool
}

// bodies reads all functions of a piece.
func (r *flowReader) bodies(out map[string]*Flow) {
	for !r.atEnd() {
		start := r.i
		s := r.specs()
		d := r.declarator(&s)
		r.attributes(&s)
		if d.name != nil && d.hasGroup && r.peek().is(pLBrace) {
			out[d.name.text] = r.body(&d)
			continue
		}
		r.recover(start)
		if r.i == start {
			r.i++
		}
	}
}

func (r *flowReader) body(d *declarator) *Flow {
	start, opaque := r.i, r.opaque
	end := r.behind(start)
	sub := flowReader{parser: parser{toks: r.toks[:end], i: start, out: r.out}, base: int(r.peek().start)}
	sub.locals = map[string]*local{}
	for _, p := range d.params {
		sub.locals[p.Name] = &local{typ: p.Type}
	}
	b := sub.block()
	r.i = end
	return &Flow{Body: b, Opaque: opaque || sub.opaque}
}

// span gives the place of a token in the body.
func (r *flowReader) span(t *ptok) Span {
	return Span{int(t.start) - r.base, int(t.end) - r.base}
}

// last is the place of the token that was read last.
func (r *flowReader) last() Span {
	if r.i == 0 {
		return Span{}
	}
	return r.span(&r.toks[r.i-1])
}

// since widens a span to what was read behind it.
func (r *flowReader) since(s Span) Span {
	s.End = max(s.End, r.last().End)
	return s
}

func (r *flowReader) block() *Stmt {
	s := &Stmt{Kind: StmtBlock, At: r.span(r.peek())}
	r.i++
	for !r.atEnd() {
		if r.accept(pRBrace) {
			break
		}
		start := r.i
		s.List = r.statements(s.List)
		if r.i == start {
			r.i, r.opaque = r.i+1, true
		}
	}
	s.At = r.since(s.At)
	return s
}

// statement reads one statement as a whole.
func (r *flowReader) stmt() *Stmt {
	list := r.statements(nil)
	if len(list) == 1 {
		return list[0]
	}
	return &Stmt{Kind: StmtBlock, List: list}
}

// statements reads one statement, or the labels before it.
func (r *flowReader) statements(out []*Stmt) []*Stmt {
	if r.depth++; r.depth > maxDepth {
		r.opaque = true
		r.skim()
		r.depth--
		return out
	}
	defer func() { r.depth-- }()
	t := r.peek()
	at := r.span(t)
	switch {
	case t.is(pLBrace):
		return append(out, r.block())
	case t.is(pSemi):
		r.i++
		return append(out, &Stmt{At: at})
	case t.kind == tIdent && r.peekAt(1).is(pColon) && t.keyword() == 0:
		r.i += 2
		return append(out, &Stmt{Kind: StmtLabel, Name: t.text, At: at})
	}
	switch t.keyword() {
	case kwControl:
		return append(out, r.controlStmt(t, at))
	case kwAsm:
		return append(out, r.asmStmt(at))
	case kwAssert:
		r.expr()
		r.accept(pSemi)
		return out
	}
	if r.isDeclaration() {
		return r.declarations(out)
	}
	s := &Stmt{At: at, X: r.expr()}
	if !r.accept(pSemi) && !r.peek().is(pRBrace) {
		r.opaque = true // not understood
	}
	s.At = r.since(at)
	return append(out, s)
}

// controlStmt reads a statement that begins with a keyword.
func (r *flowReader) controlStmt(t *ptok, at Span) *Stmt {
	r.i++
	s := &Stmt{At: at}
	switch t.text {
	case "if":
		s.Kind, s.X, s.Body = StmtIf, r.condition(), r.stmt()
		if r.peek().kind == tIdent && r.peek().text == "else" {
			r.i++
			s.Else = r.stmt()
		}
	case "while":
		s.Kind, s.X, s.Body = StmtWhile, r.condition(), r.stmt()
	case "for":
		r.forStmt(s)
	case "do":
		s.Kind, s.Body = StmtDo, r.stmt()
		if r.peek().text == "while" {
			r.i++
			s.X = r.condition()
		}
		r.accept(pSemi)
	case "switch":
		s.Kind, s.X, s.Body = StmtSwitch, r.condition(), r.stmt()
	case "case", "default":
		r.caseStmt(s, t)
	default:
		r.jumpStmt(s, t)
	}
	s.At = r.since(at)
	return s
}

// jumpStmt reads what leaves.
func (r *flowReader) jumpStmt(s *Stmt, t *ptok) {
	switch t.text {
	case "return":
		s.Kind = StmtReturn
		if !r.peek().is(pSemi) {
			s.X = r.expr()
		}
	case "goto":
		s.Kind = StmtGoto
		if n := r.peek(); n.kind == tIdent {
			s.Name = n.text
			r.i++
		} else {
			r.opaque = true
		}
	case "break":
		s.Kind = StmtBreak
	case "continue":
		s.Kind = StmtContinue
	default:
		r.opaque = true // a stray else
	}
	r.accept(pSemi)
}

func (r *flowReader) caseStmt(s *Stmt, t *ptok) {
	s.Kind = StmtDefault
	if t.text == "case" {
		s.Kind, s.X = StmtCase, r.ternary()
		if r.accept(pDots) {
			s.Post = r.ternary()
		}
	}
	r.accept(pColon)
}

// condition reads "( expression )".
func (r *flowReader) condition() *Node {
	if !r.accept(pLParen) {
		r.opaque = true
		return nil
	}
	n := r.expr()
	r.closing(pRParen)
	return n
}

// closing goes behind a closing bracket; what stands before it was not
// understood.
func (r *flowReader) closing(h uint32) {
	for !r.atEnd() && !r.accept(h) {
		r.opaque = true
		switch t := r.peek(); {
		case t.is(pSemi), t.is(pRBrace):
			return
		case t.is(pLParen), t.is(pLBrack), t.is(pLBrace):
			r.group()
		default:
			r.i++
		}
	}
}

func (r *flowReader) forStmt(s *Stmt) {
	s.Kind = StmtFor
	if !r.accept(pLParen) {
		r.opaque = true
		return
	}
	s.Init = &Stmt{Kind: StmtBlock}
	if !r.accept(pSemi) {
		if r.isDeclaration() {
			s.Init.List = r.declarations(nil)
		} else {
			s.Init.List = []*Stmt{{At: r.span(r.peek()), X: r.expr()}}
			r.accept(pSemi)
		}
	}
	if !r.peek().is(pSemi) {
		s.X = r.expr()
	}
	r.accept(pSemi)
	if !r.peek().is(pRParen) {
		s.Post = r.expr()
	}
	r.closing(pRParen)
	s.Body = r.stmt()
}

// declarations reads a declaration, one statement for each name.
func (r *flowReader) declarations(out []*Stmt) []*Stmt {
	s := r.specs()
	cleanup := s.cleanup
	for !r.atEnd() {
		s.cleanup = cleanup
		before := r.i
		d := r.declarator(&s)
		r.attributes(&s)
		if d.name != nil {
			out = append(out, r.variable(&s, &d))
		}
		switch {
		case r.accept(pSemi):
			return out
		case r.accept(pComma):
		case d.name != nil && r.peek().kind == tIdent && r.peek().keyword() == 0 && r.peek().flags&fBOL == 0:
			r.i++ // an attribute that nobody knows
		default:
			r.opaque = r.opaque || r.i == before
			return out
		}
	}
	return out
}

func (r *flowReader) variable(s *specs, d *declarator) *Stmt {
	st := &Stmt{Kind: StmtDecl, Name: d.name.text, Type: r.typeOf(s, d), At: r.span(d.name), Static: s.static || s.extern, Array: d.array}
	if s.cleanup != nil {
		st.Cleanup = s.cleanup.text
	}
	r.locals[st.Name] = &local{typ: st.Type}
	if r.accept(pEq) {
		if r.peek().is(pLBrace) {
			st.X = r.initList()
		} else {
			st.X = r.assign()
		}
	}
	return st
}

// asmStmt reads an assembler statement. One without instructions only keeps
// the compiler from knowing the values of its operands.
func (r *flowReader) asmStmt(at Span) *Stmt {
	s := &Stmt{Kind: StmtAsm, At: at}
	from := r.i
	r.asm()
	for from < r.i && !r.toks[from].is(pLParen) {
		r.opaque = r.opaque || r.toks[from].text == "goto"
		from++
	}
	for from++; from < r.i && r.toks[from].kind == tString; from++ {
		r.opaque = r.opaque || r.toks[from].text != `""`
	}
	s.At = r.since(at)
	return s
}
