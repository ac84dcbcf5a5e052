package cindex

import "strings"

// declarator reads one declarator. Its name is nil when there is none.
func (p *parser) declarator(s *specs) declarator {
	var d declarator
	p.declaratorIn(s, &d, 0)
	return d
}

// typeOf spells the type that a declarator's specifiers name.
func (p *parser) typeOf(s *specs, d *declarator) string {
	typ := spellType(p.plain(s.start, s.end))
	if d.pointer {
		typ += " *"
	}
	return typ
}

// plain gives the tokens of a type without storage classes and attributes.
func (p *parser) plain(start, end int) []ptok {
	var out []ptok
	for i := start; i < end; i++ {
		t := &p.toks[i]
		switch t.keyword() {
		case kwStorage:
			if t.text != "const" && t.text != "volatile" {
				continue
			}
		case kwAttribute:
			i = p.behind(i+1) - 1
			continue
		}
		if t.is(pLBrace) {
			i = p.behind(i) - 1
			continue
		}
		out = append(out, *t)
	}
	return out
}

// behind gives the token behind the group that begins at token i.
func (p *parser) behind(i int) int {
	depth := 0
	for ; i < len(p.toks); i++ {
		if t := &p.toks[i]; t.kind == tPunct {
			switch t.hash {
			case pLParen, pLBrack, pLBrace:
				depth++
			case pRParen, pRBrack, pRBrace:
				depth--
			}
		}
		if depth <= 0 {
			return i + 1
		}
	}
	return i
}

func (p *parser) declaratorIn(s *specs, d *declarator, depth int) {
	inner := false
	for !p.atEnd() {
		t := p.peek()
		switch {
		case t.is(pStar):
			d.pointer = true
			p.i++
			continue
		case t.keyword() == kwStorage || t.keyword() == kwType && d.name == nil && p.peekAt(1).kind == tIdent:
			p.i++
			continue
		case t.keyword() == kwAttribute:
			p.attributes(s)
			continue
		case t.is(pLParen) && depth < 8 && d.name == nil:
			p.i++
			p.declaratorIn(s, d, depth+1)
			if !p.accept(pRParen) {
				return
			}
			inner = true
		case t.kind == tIdent && p.nameOf(t):
			p.i++
			d.name = t
		case t.kind == tIdent && t.keyword() == 0:
			p.i++ // an attribute that nobody knows
			continue
		}
		break
	}
	if d.name != nil {
		p.suffixes(d, inner && d.pointer)
	}
}

// nameOf tells whether identifier t is the declarator's name: the last one in
// a row of words.
func (p *parser) nameOf(t *ptok) bool {
	if t.keyword() != 0 && t.keyword() != kwType {
		return false
	}
	n := p.peekAt(1)
	return n.kind != tIdent || n.keyword() != 0 || n.flags&fCol0 != 0 || p.peekAt(2).is(pSemi) ||
		p.peekAt(2).is(pRParen) || p.peekAt(2).is(pEq)
}

// suffixes reads parameter lists and array bounds.
func (p *parser) suffixes(d *declarator, indirect bool) {
	for {
		t := p.peek()
		switch {
		case t.is(pLParen):
			start := p.i
			p.skipGroup()
			if !d.hasGroup && !indirect {
				d.fn = true
				d.params = p.params(start+1, p.i-1)
			}
			d.hasGroup = true
		case t.is(pLBrack):
			d.array = true
			p.skipGroup()
		default:
			return
		}
	}
}

// params reads the parameters between two tokens.
func (p *parser) params(start, end int) []Param {
	var out []Param
	depth, from := 0, start
	for i := start; i <= end; i++ {
		if i == end || depth == 0 && p.toks[i].is(pComma) {
			if from < i {
				out = append(out, p.param(from, i))
			}
			from = i + 1
			continue
		}
		if t := &p.toks[i]; t.kind == tPunct {
			switch t.hash {
			case pLParen, pLBrack, pLBrace:
				depth++
			case pRParen, pRBrack, pRBrace:
				depth--
			}
		}
	}
	if len(out) == 1 && out[0].Name == "" && out[0].Type == "void" {
		return nil
	}
	return out
}

// param reads one parameter.
func (p *parser) param(from, to int) Param {
	sub := parser{toks: p.toks[from:to], out: &facts{}}
	s := sub.specs()
	d := sub.declarator(&s)
	if d.name == nil {
		return Param{Type: spellType(sub.plain(0, len(sub.toks)))}
	}
	var typ []ptok
	for i := range sub.toks {
		t := &sub.toks[i]
		if t == d.name {
			continue
		}
		if i > 0 && !d.hasGroup && t.is(pLBrack) {
			break
		}
		if i > s.end && t.kind == tIdent && t.keyword() == 0 && !d.hasGroup {
			continue // an attribute that nobody knows
		}
		typ = append(typ, *t)
	}
	sub.toks = typ
	text := spellType(sub.plain(0, len(typ)))
	if d.array && !d.hasGroup {
		text += "[]"
	}
	return Param{Name: d.name.text, Type: text}
}

// declare notes a declaration without a body.
func (p *parser) declare(s *specs, d *declarator, init *Expr) {
	if p.fn != nil {
		return
	}
	name, at := d.name.text, d.name.span()
	switch {
	case s.typedef:
		p.out.tags = append(p.out.tags, rawTag{name: name, at: at})
	case s.section == ".ksyms", s.section == ".kconfig":
		p.out.externs = append(p.out.externs, rawExtern{
			name: name, at: at, weak: s.weak, fn: d.fn, kconfig: s.section == ".kconfig",
		})
	case d.fn:
		p.out.protos = append(p.out.protos, rawProto{name, at})
	default:
		v := rawVar{name: name, at: at, typ: p.typeOf(s, d), section: s.section, extern: s.extern, static: s.static, kptr: s.kptr}
		scalar := !d.array && !d.pointer && s.tag == "" && s.konst
		v.rodata = scalar && s.volatile
		v.fixed = scalar && !s.volatile && init != nil
		if v.rodata && init == nil && !s.extern {
			init = intExpr(0)
		}
		v.init = init
		p.out.vars = append(p.out.vars, v)
	}
}

// initialised reads the initialiser of a variable.
func (p *parser) initialised(s *specs, d *declarator) {
	if p.peek().is(pLBrace) {
		if isOpsSection(s.section) {
			p.table(s, d)
			return
		}
		if p.fn != nil {
			p.braces()
		} else {
			p.skipGroup()
		}
		p.declare(s, d, unknownExpr)
		return
	}
	if p.cutOff(p.peek()) {
		return
	}
	from := p.i
	e := p.assignment()
	if s.section == "license" && p.fn == nil {
		p.license(d, p.toks[from:p.i])
	}
	p.declare(s, d, orUnknown(e))
}

// license notes the string that licenses the object.
func (p *parser) license(d *declarator, value []ptok) {
	p.out.license = &rawLicense{at: d.name.span()}
	if len(value) == 1 && value[0].kind == tString {
		p.out.license.value = strings.Trim(value[0].text, `"`)
	}
}

// cutOff tells whether another declaration begins in the middle of one: the
// author is still typing.
func (p *parser) cutOff(t *ptok) bool {
	return p.fn == nil && t.flags&fCol0 != 0 && t.keyword().beginsDecl()
}

// table reads the initialiser of an ops table.
func (p *parser) table(s *specs, d *declarator) {
	t := &rawTable{name: d.name.text, at: d.name.span(), section: s.section, spelled: tagName(s.tag)}
	if t.spelled == "" {
		t.spelled = p.typeOf(s, d)
	}
	end := p.behind(p.i)
	p.i++
	for p.i < end-1 {
		if p.peek().is(pDot) && p.peekAt(1).kind == tIdent {
			p.member(t, end-1)
			continue
		}
		if p.peek().is(pLBrace) {
			p.skipGroup()
			continue
		}
		p.i++
	}
	p.i = end
	p.out.tables = append(p.out.tables, t)
}

// member reads ".a = value".
func (p *parser) member(t *rawTable, end int) {
	name := p.peekAt(1)
	p.i += 2
	in := rawInit{member: name.text, at: name.span(), unsure: name.flags&fSecond != 0}
	for p.peek().is(pDot) && p.peekAt(1).kind == tIdent {
		in.member += "." + p.peekAt(1).text
		p.i += 2
	}
	if !p.accept(pEq) {
		return
	}
	from := p.i
	for p.i < end && !p.peek().is(pComma) {
		if k := p.peek(); k.is(pLParen) || k.is(pLBrack) || k.is(pLBrace) {
			p.skipGroup()
			continue
		}
		p.i++
	}
	if name.flags&p.only != p.only {
		return
	}
	val := uncast(p.toks[from:min(p.i, end)])
	in.value = spell(val)
	if len(val) == 2 && val[0].is(pAmp) {
		val = val[1:]
	}
	if len(val) == 1 && val[0].kind == tIdent {
		in.fn = val[0].text
	}
	in.num = p.number(val)
	t.inits = append(t.inits, in)
}

// number gives the value of a whole expression.
func (p *parser) number(toks []ptok) *Expr {
	sub := parser{toks: toks, out: &facts{}}
	e := sub.assignment()
	if sub.i < len(toks) {
		return nil
	}
	return e
}

// uncast drops casts and parentheses around a value.
func uncast(toks []ptok) []ptok {
	for len(toks) > 1 && toks[0].is(pLParen) {
		sub := parser{toks: toks}
		n := sub.behind(0)
		if n < len(toks) {
			toks = toks[n:]
		} else {
			toks = toks[1 : len(toks)-1]
		}
	}
	return toks
}

func tagName(tag string) string {
	for i := range tag {
		if tag[i] == ' ' {
			return tag[i+1:]
		}
	}
	return tag
}
