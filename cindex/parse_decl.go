package cindex

import "strings"

// A specs is what stands before the declarators of a declaration.
type specs struct {
	static, extern, typedef, konst, volatile bool
	weak                                     bool
	section                                  string
	cleanup                                  *ptok
	kptr                                     bool
	typed                                    bool   // a type was named
	tag                                      string // "struct foo"
	start, end                               int    // tokens
}

// A declarator is a name with what surrounds it.
type declarator struct {
	name     *ptok
	fn       bool // a function, not a pointer to one
	array    bool
	pointer  bool
	params   []Param
	hasGroup bool
}

// external reads one declaration or definition outside of functions.
func (p *parser) external() {
	t := p.peek()
	start := p.i
	switch {
	case t.kind == tPunct:
		p.recover(start)
		return
	case t.keyword() == kwControl, t.keyword() == kwAssert, t.keyword() == kwAsm:
		p.recover(start)
		return
	}
	s := p.specs()
	if p.accept(pSemi) {
		return
	}
	for first := true; !p.atEnd(); first = false {
		before := p.i
		d := p.declarator(&s)
		if d.name == nil {
			break
		}
		p.attributes(&s)
		if first && p.peek().is(pLBrace) && d.hasGroup {
			p.function(&s, &d)
			return
		}
		if !p.declared(&s, &d) || p.i == before {
			return // something of a macro that nobody knows: start over here
		}
		if p.accept(pSemi) {
			return
		}
		if !p.accept(pComma) {
			break
		}
	}
	p.recover(start)
}

// declared reads what follows a declarator that is no function definition.
// False when this was no declaration at all.
func (p *parser) declared(s *specs, d *declarator) bool {
	switch t := p.peek(); {
	case t.is(pEq):
		p.i++
		p.initialised(s, d)
		return true
	case t.is(pSemi), t.is(pComma):
		p.declare(s, d, nil)
		return true
	case t.kind == tIdent && t.flags&fCol0 == 0 && !t.keyword().beginsDecl() && s.typed:
		p.i++ // an attribute that nobody knows
		return p.declared(s, d)
	case t.is(pColon):
		return true
	}
	return p.peek().kind == tPunct
}

// recover goes to the next place where a declaration may begin, from one that
// began at token start.
func (p *parser) recover(start int) {
	for !p.atEnd() {
		t := p.peek()
		if p.i > start && t.flags&fCol0 != 0 && t.kind == tIdent {
			return
		}
		if t.kind == tPunct {
			switch t.hash {
			case pSemi:
				p.i++
				return
			case pLBrace:
				p.skipGroup()
				return
			case pLParen, pLBrack:
				p.skipGroup()
				continue
			}
		}
		p.i++
	}
}

// specs reads storage classes, qualifiers, attributes and the type.
func (p *parser) specs() specs {
	s := specs{start: p.i}
	for !p.atEnd() && p.spec(&s) {
	}
	s.end = p.i
	return s
}

// spec reads one specifier; false when the declarator begins.
func (p *parser) spec(s *specs) bool {
	t := p.peek()
	if t.kind != tIdent {
		return false
	}
	switch t.keyword() {
	case kwStorage:
		s.storage(t.text)
	case kwType, kwAuto:
		s.typed = true
	case kwTag:
		p.tag(s)
		return true
	case kwTypeof:
		p.i++
		if p.peek().is(pLParen) {
			p.skipGroup()
		}
		s.typed = s.typed || !strings.HasSuffix(strings.ToLower(t.text), "alignas")
		return true
	case kwAttribute:
		return p.attributes(s)
	case 0:
		if !p.typeWord(s) {
			return false
		}
		s.typed = true
	default:
		return false
	}
	p.i++
	return true
}

func (s *specs) storage(w string) {
	switch w {
	case "static":
		s.static = true
	case "extern":
		s.extern = true
	case "typedef":
		s.typedef = true
	case "const", "__const":
		s.konst = true
	case "volatile", "__volatile__", "__volatile":
		s.volatile = true
	}
}

// typeWord tells whether the identifier here belongs to the type, and is not
// the declarator's name.
func (p *parser) typeWord(s *specs) bool {
	n := p.peekAt(1)
	switch n.kind {
	case tIdent:
		k := n.keyword()
		return k == 0 || k.beginsDecl() || !s.typed && k == kwAttribute
	case tPunct:
		if n.hash == pStar {
			return !s.typed
		}
		// type (*name)(...)
		return n.hash == pLParen && !s.typed && p.peekAt(2).is(pStar)
	}
	return false
}

// tag reads struct, union or enum.
func (p *parser) tag(s *specs) {
	kind := p.peek().text
	p.i++
	s.typed = true
	p.attributes(s)
	t := p.peek()
	if t.kind == tIdent && t.keyword() == 0 {
		s.tag = kind + " " + t.text
		p.i++
		for p.peek().kind == tIdent && p.peekAt(1).is(pLBrace) && p.peek().keyword() == 0 {
			p.i++ // an attribute that nobody knows
		}
		p.attributes(s)
	}
	if !p.peek().is(pLBrace) {
		return
	}
	if t.kind == tIdent && p.fn == nil {
		p.out.tags = append(p.out.tags, rawTag{s.tag, t.span(), p.kptrs()})
	}
	if kind == "enum" {
		p.enumBody()
	} else {
		p.skipGroup()
	}
	p.attributes(s)
}

// enumBody reads the constants of an enum.
func (p *parser) enumBody() {
	p.i++
	val := intExpr(0)
	for !p.atEnd() && !p.accept(pRBrace) {
		t := p.peek()
		p.i++
		if t.kind != tIdent {
			continue
		}
		var none specs
		p.attributes(&none)
		if p.accept(pEq) {
			p.silent++
			val = p.assignment()
			p.silent--
		}
		p.out.enums = append(p.out.enums, rawEnum{t.text, t.span(), val})
		if isInt(val) {
			val = intExpr(val.Int + 1)
		} else if known(val) {
			val = &Expr{Op: opArith, Int: '+', X: val, Y: intExpr(1)}
		}
	}
}

// attributes reads any number of __attribute__((...)) and asm labels.
func (p *parser) attributes(s *specs) bool {
	any := false
	for {
		switch p.peek().keyword() {
		case kwAttribute:
			p.i++
			if p.peek().is(pLParen) {
				p.attributeList(s)
			}
		case kwAsm:
			p.i++
			if p.peek().is(pLParen) {
				p.skipGroup()
			}
		default:
			return any
		}
		any = true
	}
}

func (p *parser) attributeList(s *specs) {
	start := p.i
	p.skipGroup()
	for i := start; i < p.i; i++ {
		t := &p.toks[i]
		if t.kind != tIdent {
			continue
		}
		switch t.text {
		case "weak", "__weak__":
			s.weak = true
		case "section", "__section__":
			if name, ok := stringAfter(p.toks[i+1 : p.i]); ok {
				s.section = name
			}
		case "btf_type_tag":
			if tag, ok := stringAfter(p.toks[i+1 : p.i]); ok && tag == "kptr" {
				s.kptr = true
			}
		case "cleanup", "__cleanup__":
			if i+2 < p.i && p.toks[i+1].is(pLParen) && p.toks[i+2].kind == tIdent {
				s.cleanup = &p.toks[i+2]
			}
		}
	}
}

// stringAfter joins the string literals in "( "a" "b" )".
func stringAfter(toks []ptok) (string, bool) {
	if len(toks) < 2 || !toks[0].is(pLParen) || toks[1].kind != tString {
		return "", false
	}
	var b strings.Builder
	for _, t := range toks[1:] {
		if t.kind != tString {
			break
		}
		b.WriteString(strings.Trim(t.text, `"`))
	}
	return b.String(), true
}
