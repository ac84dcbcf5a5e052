package cindex

import (
	"strconv"
	"strings"
)

// A ppValue is a value in #if; unknown ones hang on the build and carry what
// they are if that defines nothing.
type ppValue struct {
	v       int64
	unknown bool
}

// A ppParser evaluates the tokens of #if.
type ppParser struct {
	x     *expander
	toks  []ptok
	i     int
	depth int
}

// condition evaluates #if and #elif.
func (x *expander) condition(d *directive) ppValue {
	toks := make([]ptok, 0, len(d.toks))
	for i := 0; i < len(d.toks); i++ {
		t := d.toks[i]
		text := d.text(t)
		if t.kind == tIdent && (text == "defined" || strings.HasPrefix(text, "__has_")) {
			p, n := x.query(d, i, text)
			toks = append(toks, p)
			i += n
			continue
		}
		toks = append(toks, ptok{text: text, hash: t.hash, kind: t.kind, flags: t.flags})
	}
	saved, floor := x.frames, x.floor
	x.frames, x.floor = nil, 0
	p := ppParser{x: x, toks: x.list(toks)}
	x.frames, x.floor = saved, floor
	return p.ternary()
}

// query answers "defined X", "defined(X)" and "__has_...(X)" at token i; n is
// the number of tokens behind i that belong to it.
func (x *expander) query(d *directive, i int, what string) (t ptok, n int) {
	var arg []token
	rest := d.toks[i+1:]
	if len(rest) > 0 && rest[0].kind == tPunct && rest[0].hash == pLParen {
		for n = 1; n < len(rest) && !(rest[n].kind == tPunct && rest[n].hash == pRParen); n++ {
			arg = append(arg, rest[n])
		}
		n = min(n+1, len(rest))
	} else if what == "defined" && len(rest) > 0 {
		arg, n = rest[:1], 1
	}
	v := verdict{v: what != "defined"}
	switch {
	case what == "defined" && len(arg) > 0:
		v = x.isDefined(arg[0].hash, d.text(arg[0]))
	case strings.HasPrefix(what, "__has_include") && len(arg) > 0:
		v.v = x.hasInclude(d, arg)
	}
	t = ptok{kind: tNumber, text: "0"}
	if v.v {
		t.text = "1"
	}
	if v.unknown {
		t.flags |= fSecond
	}
	return t, n
}

func (x *expander) hasInclude(d *directive, arg []token) bool {
	spec := strings.Trim(d.src[arg[0].start-d.base:arg[len(arg)-1].end-d.base], `<>" `)
	x.effects = true // hangs on the file system: not to be remembered
	return x.has != nil && x.has(spec, !strings.HasPrefix(d.text(arg[0]), `"`))
}

func (p *ppParser) peek() *ptok {
	if p.i < len(p.toks) {
		return &p.toks[p.i]
	}
	return &ptok{}
}

func (p *ppParser) accept(h uint32) bool {
	if p.peek().is(h) {
		p.i++
		return true
	}
	return false
}

func (p *ppParser) ternary() ppValue {
	if p.depth++; p.depth > 200 {
		p.i = len(p.toks)
		return ppValue{unknown: true}
	}
	defer func() { p.depth-- }()
	c := p.binary(1)
	if !p.accept(pQuest) {
		return c
	}
	a := p.ternary()
	p.accept(pColon)
	b := p.ternary()
	r := b
	if c.v != 0 {
		r = a
	}
	r.unknown = r.unknown || c.unknown
	return r
}

// binaryPrec gives the precedence of a binary operator, 0 for other tokens.
// Assignment, comma and ?: are not in it.
func binaryPrec(t *ptok) int {
	if t.kind != tPunct {
		return 0
	}
	switch t.hash {
	case '*', '/', '%':
		return 10
	case '+', '-':
		return 9
	case '<'<<8 | '<', '>'<<8 | '>':
		return 8
	case '<', '>', '<'<<8 | '=', '>'<<8 | '=':
		return 7
	case '='<<8 | '=', '!'<<8 | '=':
		return 6
	case '&':
		return 5
	case '^':
		return 4
	case '|':
		return 3
	case '&'<<8 | '&':
		return 2
	case '|'<<8 | '|':
		return 1
	}
	return 0
}

func (p *ppParser) binary(minPrec int) ppValue {
	a := p.unary()
	for {
		t := p.peek()
		prec := binaryPrec(t)
		if prec < minPrec || prec == 0 {
			return a
		}
		p.i++
		b := p.binary(prec + 1)
		a = ppBinary(t.hash, a, b)
	}
}

func ppBinary(op uint32, a, b ppValue) ppValue {
	r := ppValue{unknown: a.unknown || b.unknown}
	switch op {
	case '&'<<8 | '&':
		r.unknown = (a.unknown || b.unknown) && !(known0(a) || known0(b))
	case '|'<<8 | '|':
		r.unknown = (a.unknown || b.unknown) && !(known1(a) || known1(b))
	}
	r.v, _ = fold(op, a.v, b.v)
	return r
}

func known0(a ppValue) bool { return !a.unknown && a.v == 0 }
func known1(a ppValue) bool { return !a.unknown && a.v != 0 }

// fold computes a binary operator; false when there is no such value.
func fold(op uint32, a, b int64) (int64, bool) {
	switch op {
	case '*':
		return a * b, true
	case '/', '%':
		if b == 0 || b == -1 {
			return 0, false
		}
		if op == '/' {
			return a / b, true
		}
		return a % b, true
	case '+':
		return a + b, true
	case '-':
		return a - b, true
	case '<'<<8 | '<':
		return a << (uint64(b) & 63), b >= 0
	case '>'<<8 | '>':
		return a >> (uint64(b) & 63), b >= 0
	case '&':
		return a & b, true
	case '^':
		return a ^ b, true
	case '|':
		return a | b, true
	}
	v, ok := compare(op, a, b)
	if v {
		return 1, ok
	}
	return 0, ok
}

func compare(op uint32, a, b int64) (v, ok bool) {
	switch op {
	case '<':
		return a < b, true
	case '>':
		return a > b, true
	case '<'<<8 | '=':
		return a <= b, true
	case '>'<<8 | '=':
		return a >= b, true
	case '='<<8 | '=':
		return a == b, true
	case '!'<<8 | '=':
		return a != b, true
	case '&'<<8 | '&':
		return a != 0 && b != 0, true
	case '|'<<8 | '|':
		return a != 0 || b != 0, true
	}
	return false, false
}

func (p *ppParser) unary() ppValue {
	if p.depth++; p.depth > 200 {
		p.i = len(p.toks)
		return ppValue{unknown: true}
	}
	defer func() { p.depth-- }()
	t := p.peek()
	p.i++
	switch {
	case t.is('!'):
		v := p.unary()
		if v.v == 0 {
			return ppValue{1, v.unknown}
		}
		return ppValue{0, v.unknown}
	case t.is('-'):
		v := p.unary()
		return ppValue{-v.v, v.unknown}
	case t.is('~'):
		v := p.unary()
		return ppValue{^v.v, v.unknown}
	case t.is('+'):
		return p.unary()
	case t.is(pLParen):
		v := p.ternary()
		p.accept(pRParen)
		return v
	case t.kind == tNumber, t.kind == tChar:
		v, _ := number(t.text)
		return ppValue{v, t.flags&fSecond != 0}
	case t.kind == tIdent:
		if t.text == "true" {
			return ppValue{v: 1}
		}
		return ppValue{unknown: !p.x.absent(t.text) && t.text != "false"}
	}
	return ppValue{unknown: true}
}

// number gives the value of an integer or character constant.
func number(s string) (int64, bool) {
	if len(s) >= 3 && s[0] == '\'' {
		r, _, _, err := strconv.UnquoteChar(s[1:len(s)-1], '\'')
		return int64(r), err == nil
	}
	s = strings.TrimRight(s, "uUlLzZ")
	v, err := strconv.ParseUint(s, 0, 64)
	return int64(v), err == nil
}
