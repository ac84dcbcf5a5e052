package cindex

// function reads a function's body. The parser stands at its brace.
func (p *parser) function(s *specs, d *declarator) {
	f := &rawFunc{
		name: d.name.text, at: d.name.span(), params: d.params, ret: p.typeOf(s, d),
		static: s.static, weak: s.weak, section: s.section,
	}
	start := p.i
	end := p.behind(start)
	sub := parser{toks: p.toks[:end], i: start, out: p.out, fn: f, only: p.only}
	sub.locals = map[string]*local{}
	sub.scan(start, end)
	for i, param := range f.params {
		l := &local{typ: param.Type}
		if sub.assigned(param.Name) == 0 {
			l.val = &Expr{Op: OpParam, Int: int64(i)}
		}
		if param.Name != "" {
			sub.locals[param.Name] = l
		}
	}
	f.result = sub.result(start, end)
	f.calls = p.scratch[:0]
	sub.compound()
	p.scratch = f.calls
	f.calls = append([]rawCall(nil), f.calls...)
	f.body = Span{int(p.toks[start].start), int(p.toks[end-1].end)}
	p.i = end
	p.out.funcs = append(p.out.funcs, f)
}

// result reads a body that is one return. The verifier walks a static function
// with what its caller knows, but takes the result of a global one as unknown.
func (p *parser) result(start, end int) *Expr {
	if !p.fn.static || p.fn.weak || end-start < 5 || p.toks[start+1].text != "return" || !p.toks[end-2].is(pSemi) {
		return nil
	}
	sub := parser{toks: p.toks[:end-2], i: start + 2, out: &facts{}, fn: &rawFunc{}, locals: p.locals, changed: p.changed}
	e := sub.assignment()
	if sub.i != end-2 || usesParam(e, 0) {
		return nil
	}
	return e
}

// usesParam tells whether an expression hangs on a parameter.
func usesParam(e *Expr, depth int) bool {
	return e != nil && (depth > maxDepth || e.Op == OpParam || usesParam(e.X, depth+1) || usesParam(e.Y, depth+1))
}

// assigned counts the places where the function may change a name.
func (p *parser) assigned(name string) int { return p.changed[name] }

// scan looks over a function's body for assignments and gotos.
func (p *parser) scan(start, end int) {
	for i := start; i < end; i++ {
		t := &p.toks[i]
		if t.kind == tIdent {
			if t.text == "goto" && i+1 < end && p.toks[i+1].kind == tIdent {
				p.label(p.toks[i+1].text).last = i
			}
			if t.keyword() == kwAsm {
				p.scanAsm(i, end)
			}
			continue
		}
		if t.kind != tPunct {
			continue
		}
		switch {
		case isAssign(t.hash):
			p.change(i-1, 1)
		case t.hash == '+'<<8|'+', t.hash == '-'<<8|'-':
			p.change(i-1, 2)
			p.change(i+1, 2)
		case t.hash == pAmp && i+1 < end && (i+2 >= end || !p.toks[i+2].is(pArrow)):
			p.change(i+1, 2)
		}
	}
}

// scanAsm counts all operands of an assembler statement as changed.
func (p *parser) scanAsm(i, end int) {
	for i++; i < end && p.toks[i].kind == tIdent; i++ {
	}
	if i >= end || !p.toks[i].is(pLParen) {
		return
	}
	for last := min(p.behind(i), end); i < last; i++ {
		p.change(i, 2)
	}
}

// change counts changes of the name at token i, or in parentheses that end
// there.
func (p *parser) change(i, n int) {
	for i > 0 && i < len(p.toks) && p.toks[i].is(pRParen) {
		i--
	}
	if i < 0 || i >= len(p.toks) || p.toks[i].kind != tIdent {
		return
	}
	if p.changed == nil {
		p.changed = map[string]int{}
	}
	p.changed[p.toks[i].text] += n
}

// isAssign tells of = and its compound forms.
func isAssign(h uint32) bool {
	switch h {
	case '='<<8 | '=', '!'<<8 | '=', '<'<<8 | '=', '>'<<8 | '=':
		return false
	}
	return h&0xff == '='
}

func (p *parser) label(name string) *label {
	if p.labels == nil {
		p.labels = map[string]*label{}
	}
	l := p.labels[name]
	if l == nil {
		l = &label{last: -1}
		p.labels[name] = l
	}
	return l
}

// compound reads { ... }. It gives the value of the last expression and
// whether control gets out at the end; ctx is then what holds there.
func (p *parser) compound() (last *Expr, falls bool) {
	p.i++
	falls = true
	for !p.atEnd() {
		if p.accept(pRBrace) {
			return last, falls
		}
		start := p.i
		last, falls = p.statement(falls)
		if p.i == start {
			p.i++
		}
	}
	return last, falls
}

// statement reads one statement. reached tells whether control gets to its
// beginning, falls whether it gets to its end.
func (p *parser) statement(reached bool) (val *Expr, falls bool) {
	if p.depth++; p.depth > maxDepth {
		p.skim()
		p.depth--
		return nil, true
	}
	defer func() { p.depth-- }()
	t := p.peek()
	switch {
	case t.is(pLBrace):
		_, falls = p.compound()
		return nil, falls && reached
	case t.is(pSemi):
		p.i++
		return nil, reached
	case t.kind == tIdent && p.peekAt(1).is(pColon) && t.keyword() == 0:
		return nil, p.labelled(t, reached)
	}
	switch t.keyword() {
	case kwControl:
		return nil, p.control(t, reached)
	case kwAsm:
		p.asm()
		return nil, reached
	case kwAssert:
		p.silent++
		p.expression()
		p.silent--
		p.accept(pSemi)
		return nil, reached
	}
	if p.isDeclaration() {
		p.declaration()
		return nil, reached
	}
	val = p.expression()
	p.accept(pSemi)
	return val, reached
}

// skim passes over one statement that is nested too deeply.
func (p *parser) skim() {
	for !p.atEnd() {
		t := p.peek()
		switch {
		case t.is(pLBrace):
			p.group()
			return
		case t.is(pLParen), t.is(pLBrack):
			p.group()
			continue
		case t.is(pSemi):
			p.i++
			return
		case t.is(pRBrace), t.is(pRParen), t.is(pRBrack):
			return
		case t.kind == tIdent && p.peekAt(1).is(pLParen):
			p.looseCall(t)
		}
		p.i++
	}
}

// labelled handles "name:". What holds behind it is what holds at every goto
// and above.
func (p *parser) labelled(t *ptok, reached bool) bool {
	l := p.label(t.text)
	p.i += 2
	switch {
	case l.last > p.i:
		p.ctx = nil // a loop made of goto
		return true
	case l.known && reached:
		p.ctx = common(p.ctx, l.from)
	case l.known:
		p.ctx = l.from
	}
	return reached || l.known
}

func (p *parser) jump() {
	if t := p.peek(); t.kind == tIdent {
		l := p.label(t.text)
		if l.known {
			l.from = common(l.from, p.ctx)
		} else {
			l.from, l.known = p.ctx, true
		}
		p.i++
	}
	p.accept(pSemi)
}

// control reads a statement that begins with a keyword of its own.
func (p *parser) control(t *ptok, reached bool) (falls bool) {
	p.i++
	switch t.text {
	case "if":
		return p.ifStatement() && reached
	case "while":
		outer := p.ctx
		c := p.parenthesised()
		p.ctx = p.ctx.and(c)
		p.statement(true)
		p.ctx = outer
		return reached
	case "for":
		p.forStatement()
		return reached
	case "do":
		outer, jumps := p.ctx, p.jumps
		p.statement(true)
		if p.jumps != jumps {
			p.ctx = outer // the end is not the only way out
		}
		if p.peek().text == "while" {
			p.i++
			p.parenthesised()
		}
		p.accept(pSemi)
		return reached
	case "switch":
		p.switchStatement()
		return reached
	case "case", "default":
		p.caseLabel(t)
		return true
	case "return":
		if !p.peek().is(pSemi) {
			p.expression()
		}
		p.accept(pSemi)
		return false
	case "goto":
		p.jump()
		return false
	case "break", "continue":
		p.jumps++
		p.accept(pSemi)
		return false
	}
	return reached // a stray else
}

// parenthesised reads "( expression )".
func (p *parser) parenthesised() *Expr {
	if !p.accept(pLParen) {
		return nil
	}
	e := p.expression()
	p.closeParen()
	return e
}

// closeParen goes behind the closing parenthesis, past what was not
// understood, but not out of the statement.
func (p *parser) closeParen() {
	for !p.atEnd() && !p.accept(pRParen) {
		t := p.peek()
		switch {
		case t.is(pSemi), t.is(pRBrace):
			return
		case t.is(pLParen), t.is(pLBrack), t.is(pLBrace):
			p.group()
			continue
		case t.kind == tIdent && p.peekAt(1).is(pLParen):
			p.looseCall(t)
		}
		p.i++
	}
}

func (p *parser) ifStatement() (falls bool) {
	c := p.parenthesised()
	outer := p.ctx
	p.ctx = outer.and(c)
	_, thenFalls := p.statement(true)
	thenCtx := p.ctx
	p.ctx = outer.and(not(c))
	elseFalls := true
	if p.peek().text == "else" && p.peek().kind == tIdent {
		p.i++
		_, elseFalls = p.statement(true)
	}
	switch {
	case thenFalls && elseFalls:
		p.ctx = common(thenCtx, p.ctx)
		if p.ctx.deeper(outer) {
			p.ctx = outer
		}
	case thenFalls:
		p.ctx = thenCtx
	case !elseFalls:
		p.ctx = outer
	}
	return thenFalls || elseFalls
}

// deeper tells whether g holds more conditions than o.
func (g *guard) deeper(o *guard) bool {
	return g != nil && (o == nil || g.depth > o.depth)
}

func (p *parser) forStatement() {
	if !p.accept(pLParen) {
		return
	}
	outer := p.ctx
	if !p.accept(pSemi) {
		if p.isDeclaration() {
			p.declaration()
		} else {
			p.expression()
			p.accept(pSemi)
		}
	}
	var c *Expr
	if !p.peek().is(pSemi) {
		c = p.expression()
	}
	p.accept(pSemi)
	p.ctx = p.ctx.and(c)
	if !p.peek().is(pRParen) {
		p.expression()
	}
	p.closeParen()
	p.statement(true)
	p.ctx = outer
}

// switchStatement reads a switch; which case is taken is not known.
func (p *parser) switchStatement() {
	p.parenthesised()
	outer, cases := p.ctx, p.cases
	p.cases = outer
	p.statement(true)
	p.ctx, p.cases = outer, cases
}

func (p *parser) caseLabel(t *ptok) {
	p.ctx = p.cases
	if t.text == "case" {
		p.silent++
		p.binary(1)
		if p.accept(pDots) {
			p.binary(1)
		}
		p.silent--
	}
	p.accept(pColon)
}
