package cindex

// isDeclaration tells whether a statement declares something.
func (p *parser) isDeclaration() bool {
	t := p.peek()
	if t.kind != tIdent {
		return false
	}
	k := t.keyword()
	if k == kwAttribute {
		end := p.behind(p.i + 1)
		return end < len(p.toks) && p.toks[end].kind == tIdent
	}
	if k.beginsDecl() {
		return true
	}
	if k != 0 {
		return false
	}
	n := p.peekAt(1)
	if n.kind == tIdent {
		nk := n.keyword()
		return nk == 0 || nk.beginsDecl()
	}
	if !n.is(pStar) {
		return false
	}
	for i := 2; ; i++ {
		n = p.peekAt(i)
		if n.is(pStar) || n.keyword() == kwStorage {
			continue
		}
		after := p.peekAt(i + 1)
		return n.kind == tIdent && (after.is(pEq) || after.is(pSemi) || after.is(pComma) || after.is(pLBrack) ||
			after.keyword() == kwAttribute)
	}
}

// declaration reads a declaration inside of a function.
func (p *parser) declaration() {
	s := p.specs()
	cleanup := s.cleanup // before the type it is for all declarators
	for !p.atEnd() {
		before := p.i
		s.cleanup = cleanup
		d := p.declarator(&s)
		p.attributes(&s)
		if d.name != nil {
			p.local(&s, &d)
		}
		if s.cleanup != nil {
			p.call(rawCall{callee: s.cleanup.text, at: s.cleanup.span(), via: s.cleanup.via}, s.cleanup)
		}
		switch {
		case p.accept(pSemi):
			return
		case p.accept(pComma):
			continue
		case p.peek().kind == tIdent && p.peek().keyword() == 0 && d.name != nil && p.peek().flags&fBOL == 0:
			p.i++ // an attribute that nobody knows
			continue
		case p.peek().is(pColon) && p.i > before: // a bit-field of nothing: broken code
			p.i++
			continue
		}
		return
	}
}

// local notes a variable of the function and reads its initialiser.
func (p *parser) local(s *specs, d *declarator) {
	name := d.name.text
	var val *Expr
	if p.accept(pEq) {
		if p.peek().is(pLBrace) {
			p.braces()
		} else {
			val = p.assignment()
		}
	}
	if p.fn == nil {
		return // a statement expression outside of functions
	}
	l := &local{specs: s.start, end: s.end}
	own := 1 // the initialiser looks like an assignment, unless the name is in parentheses
	if d.hasGroup {
		own = 0
	}
	if _, again := p.locals[name]; !again && p.assigned(name) == own && !d.array && !s.static {
		l.val = converted(val)
	}
	p.locals[name] = l
}

// braces reads a braced initialiser.
func (p *parser) braces() {
	p.i++
	for !p.atEnd() && !p.accept(pRBrace) {
		t := p.peek()
		switch {
		case t.is(pLBrace):
			if p.depth++; p.depth > maxDepth {
				p.group()
			} else {
				p.braces()
			}
			p.depth--
		case t.is(pDot), t.is(pComma), t.is(pEq), t.is(pSemi):
			p.i++
		default:
			before := p.i
			p.assignment()
			if p.i == before {
				p.i++
			}
		}
	}
}
