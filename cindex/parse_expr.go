package cindex

import "strings"

// expression reads a comma expression; its value is the last one's.
func (p *parser) expression() *Expr {
	e := p.assignment()
	for p.accept(pComma) {
		e = p.assignment()
	}
	return e
}

func (p *parser) assignment() *Expr {
	if p.depth++; p.depth > maxDepth {
		p.skimExpression()
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	e := p.conditional()
	if t := p.peek(); t.kind == tPunct && isAssign(t.hash) {
		p.i++
		if p.peek().is(pLBrace) {
			p.braces()
		} else {
			p.assignment()
		}
		return nil
	}
	return e
}

// skimExpression passes over what is nested too deeply.
func (p *parser) skimExpression() {
	for !p.atEnd() {
		t := p.peek()
		switch {
		case t.is(pLParen), t.is(pLBrack), t.is(pLBrace):
			p.group()
			continue
		case t.is(pRParen), t.is(pRBrack), t.is(pRBrace), t.is(pSemi), t.is(pComma):
			return
		case t.kind == tIdent && p.peekAt(1).is(pLParen):
			p.looseCall(t)
		}
		p.i++
	}
}

func (p *parser) conditional() *Expr {
	c := p.binary(1)
	if !p.accept(pQuest) {
		return c
	}
	outer := p.ctx
	x := c
	if !p.peek().is(pColon) {
		p.ctx = outer.and(c)
		x = p.expression()
	}
	p.accept(pColon)
	p.ctx = outer.and(not(c))
	y := p.assignment()
	p.ctx = outer
	return condExpr(c, x, y)
}

func (p *parser) binary(minPrec int) *Expr {
	x := p.unary()
	for {
		t := p.peek()
		prec := binaryPrec(t)
		if prec == 0 || prec < minPrec {
			return x
		}
		p.i++
		outer := p.ctx
		switch prec {
		case 2:
			p.ctx = outer.and(x)
		case 1:
			p.ctx = outer.and(not(x))
		}
		y := p.binary(prec + 1)
		p.ctx = outer
		x = binaryExpr(t.hash, x, y)
	}
}

func (p *parser) unary() *Expr {
	if p.depth++; p.depth > maxDepth {
		p.skimExpression()
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	t := p.peek()
	if t.kind != tPunct {
		return p.postfix()
	}
	switch t.hash {
	case '!':
		p.i++
		return not(p.unary())
	case '-', '~', '+':
		p.i++
		e := p.unary()
		if !isInt(e) {
			return nil
		}
		switch t.hash {
		case '-':
			return intExpr(-e.Int)
		case '~':
			return intExpr(^e.Int)
		}
		return e
	case pAmp:
		p.i++
		if e := p.unary(); e != nil && e.Op == opName {
			return &Expr{Op: opAddr, Name: e.Name}
		}
		return nil
	case pStar, '+'<<8 | '+', '-'<<8 | '-', '&'<<8 | '&':
		p.i++
		p.unary()
		return nil
	}
	return p.postfix()
}

// postfix reads a primary expression with what is applied to it.
func (p *parser) postfix() *Expr {
	t := p.peek()
	e, callee := p.primary()
	for {
		n := p.peek()
		if n.kind != tPunct {
			return e
		}
		switch n.hash {
		case pLParen:
			e = p.callExpr(t, callee)
		case pLBrack:
			p.i++
			p.expression()
			for !p.atEnd() && !p.accept(pRBrack) && !p.peek().is(pSemi) && !p.peek().is(pRBrace) {
				p.i++
			}
			e = nil
		case pDot, pArrow:
			p.i++
			if p.peek().kind == tIdent {
				p.i++
			}
			e = nil
		case '+'<<8 | '+', '-'<<8 | '-':
			p.i++
			e = nil
		default:
			return e
		}
		callee = false
	}
}

// primary reads a primary expression; callee tells whether a parenthesis
// behind it calls the function t.
func (p *parser) primary() (e *Expr, callee bool) {
	t := p.peek()
	switch t.kind {
	case tNumber, tChar:
		p.i++
		if v, ok := number(t.text); ok {
			return intExpr(v), false
		}
		return nil, false
	case tString:
		for p.peek().kind == tString {
			p.i++
		}
		return nil, false
	case tIdent:
		return p.word(t)
	case tEOF:
		return nil, false
	}
	switch t.hash {
	case pLParen:
		return p.paren(), false
	case pLBrace, pLBrack:
		p.group()
	case pRParen, pRBrack, pRBrace, pSemi, pComma, pColon, pQuest:
	default:
		p.i++
	}
	return nil, false
}

// word reads a primary expression that begins with an identifier.
func (p *parser) word(t *ptok) (e *Expr, callee bool) {
	switch k := t.keyword(); k {
	case 0:
	case kwOperand:
		p.i++
		if p.peek().is(pLParen) {
			p.skipGroup()
		} else {
			p.silent++
			p.unary()
			p.silent--
		}
		return nil, false
	case kwTypeof, kwAttribute:
		p.i++
		if p.peek().is(pLParen) {
			p.skipGroup()
		}
		return nil, false
	case kwGeneric:
		p.i++
		if p.peek().is(pLParen) {
			p.group()
		}
		return nil, false
	case kwAsm:
		p.asm()
		return nil, false
	case kwControl: // broken code: the statement ended without a semicolon
		return nil, false
	default:
		if p.cutOff(t) {
			return nil, false
		}
		p.i++
		if k == kwTag && p.peek().kind == tIdent {
			p.i++
		}
		return nil, false
	}
	p.i++
	if e, ok := p.atom(t); ok {
		return e, false
	}
	return p.value(t), true
}

// value gives what is known of an identifier.
func (p *parser) value(t *ptok) *Expr {
	switch t.text {
	case "true":
		return intExpr(1)
	case "false", "NULL":
		return intExpr(0)
	}
	if l, ok := p.locals[t.text]; ok {
		return l.val
	}
	return &Expr{Op: opName, Name: t.text}
}

// paren reads "( ... )": a statement expression, a cast, or an expression.
func (p *parser) paren() *Expr {
	p.i++
	if p.peek().is(pLBrace) {
		e, _ := p.compound()
		p.closeParen()
		return e
	}
	if p.isCast() {
		p.maybeCallee()
		p.silent++
		for !p.atEnd() && !p.peek().is(pRParen) {
			if p.peek().is(pLParen) || p.peek().is(pLBrack) || p.peek().is(pLBrace) {
				p.group()
				continue
			}
			p.i++
		}
		p.silent--
		p.accept(pRParen)
		if p.peek().is(pLBrace) { // a compound literal
			p.braces()
			return nil
		}
		return converted(p.unary())
	}
	e := p.expression()
	p.closeParen()
	return e
}

// maybeCallee notes a call for "(name)(": most likely a cast, but a function
// may be meant. A type's name does no harm among the calls.
func (p *parser) maybeCallee() {
	if t := p.peek(); t.keyword() == 0 && p.peekAt(1).is(pRParen) && p.peekAt(2).is(pLParen) && !strings.HasSuffix(t.text, "_t") {
		p.looseCall(t)
	}
}

// isCast tells whether a type stands behind the opening parenthesis.
func (p *parser) isCast() bool {
	t := p.peek()
	if t.kind != tIdent {
		return false
	}
	if k := t.keyword(); k != 0 {
		return k.beginsDecl()
	}
	i := 1
	for ; p.peekAt(i).kind == tIdent && p.peekAt(i).keyword() == 0; i++ {
	}
	stars := i
	for ; p.peekAt(i).is(pStar) || p.peekAt(i).keyword() == kwStorage; i++ {
	}
	if !p.peekAt(i).is(pRParen) {
		return false
	}
	if i > stars || stars > 1 {
		return true // (name *) or (two words)
	}
	if _, ok := p.locals[t.text]; ok {
		return false
	}
	switch n := p.peekAt(i + 1); n.kind {
	case tNumber, tString, tChar:
		return true
	case tIdent:
		k := n.keyword()
		return k == 0 || k == kwOperand
	case tPunct:
		return n.hash == pLParen || n.hash == pLBrace || n.hash == '~' || n.hash == '!'
	}
	return false
}

// callExpr reads the arguments of a call. The parser stands at their
// parenthesis; callee tells whether t is the function.
func (p *parser) callExpr(t *ptok, callee bool) *Expr {
	p.i++
	quiet := callee && t.text == "__builtin_constant_p"
	if quiet {
		p.silent++
	}
	slot := -1
	if callee {
		slot = p.callee(t)
	}
	var args []*Expr
	for !p.atEnd() && !p.peek().is(pRParen) {
		args = append(args, p.assignment())
		if p.accept(pComma) || p.peek().is(pRParen) {
			continue
		}
		if t := p.peek(); t.is(pSemi) || t.is(pRBrace) {
			break
		}
		p.i++
	}
	p.accept(pRParen)
	if quiet {
		p.silent--
	}
	if slot >= 0 {
		p.fn.calls[slot].args = args
	}
	if callee {
		p.callbacks(t, args)
		if t.text == "__builtin_expect" && len(args) > 0 {
			return args[0]
		}
	}
	if slot >= 0 && len(args) == 0 {
		return &Expr{Op: opResult, Name: p.fn.calls[slot].callee}
	}
	return nil
}

// callee notes a call of what t names: a function, a parameter, or a variable
// that holds a function. It gives the call's index, -1 for none.
func (p *parser) callee(t *ptok) int {
	c := rawCall{callee: t.text, at: t.span(), via: t.via}
	if l := p.locals[t.text]; l != nil {
		switch {
		case l.val == nil, isRange(l.val):
			return -1
		case l.val.Op == OpParam:
			if p.silent == 0 {
				p.fn.pcalls = append(p.fn.pcalls, paramCall{int(l.val.Int), CallSync, p.fn.name})
			}
			return -1
		case l.val.Op == opName, l.val.Op == opAddr:
			c.callee = l.val.Name
		}
	}
	return p.reserve(c, t)
}

// reserve notes a call before its arguments are read, so that calls stay in
// the order of the source; -1 when it is not noted.
func (p *parser) reserve(c rawCall, t *ptok) int {
	if p.fn == nil {
		return -1
	}
	n := len(p.fn.calls)
	p.call(c, t)
	if len(p.fn.calls) == n {
		return -1
	}
	return n
}
