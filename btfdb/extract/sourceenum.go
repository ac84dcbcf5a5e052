package extract

import (
	"strconv"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// readEnum reads an enum definition with SCX_ names.
func (s *source) readEnum(toks []token, i int) {
	name, at := "", i+1
	if toks[at].text != "{" {
		name = toks[at].text
		at++
	}
	if at >= len(toks) || toks[at].text != "{" {
		return
	}
	entries, _ := arguments(toks, at)
	e := btfdb.Enum{Name: name}
	next, known, whole, scx := uint64(0), true, true, false
	for _, entry := range entries {
		if len(entry) == 0 {
			continue
		}
		v := next
		if len(entry) > 2 && entry[1].text == "=" {
			v, known = s.eval(entry[2:])
		}
		scx = scx || strings.Contains(entry[0].text, "SCX_")
		if !known {
			whole = false // what follows without a value is not known either
			continue
		}
		next = v + 1
		s.consts[entry[0].text] = v
		signed := int64(v) < 0 && len(entry) > 2 && entry[2].text == "-"
		e.Values = append(e.Values, btfdb.EnumValue{Name: entry[0].text, Value: v, Signed: signed})
	}
	if scx && whole && len(e.Values) > 0 {
		s.facts.Enums = append(s.facts.Enums, e)
	}
}

// eval works out a constant expression of integers, enumerators, parentheses
// and the operators ~ - << | & + *, with C's precedence.
func (s *source) eval(toks []token) (uint64, bool) {
	p := &exprParser{s: s, toks: toks}
	v := p.binary(0)
	return v, !p.bad && p.at == len(toks)
}

type exprParser struct {
	s     *source
	toks  []token
	at    int
	depth int
	bad   bool
}

func (p *exprParser) peek() string {
	if p.at < len(p.toks) {
		return p.toks[p.at].text
	}
	return ""
}

// operator reads the binary operator at hand and its precedence.
func (p *exprParser) operator() (op string, level, width int) {
	switch op = p.peek(); op {
	case "|":
		return op, 1, 1
	case "&":
		return op, 2, 1
	case "<":
		if p.at+1 < len(p.toks) && p.toks[p.at+1].text == "<" {
			return "<<", 3, 2
		}
	case "+", "-":
		return op, 4, 1
	case "*":
		return op, 5, 1
	}
	return "", 0, 0
}

func (p *exprParser) binary(level int) uint64 {
	v := p.unary()
	for !p.bad {
		op, l, width := p.operator()
		if op == "" || l <= level {
			break
		}
		p.at += width
		r := p.binary(l)
		switch op {
		case "|":
			v |= r
		case "&":
			v &= r
		case "<<":
			v <<= r & 63
		case "+":
			v += r
		case "-":
			v -= r
		case "*":
			v *= r
		}
	}
	return v
}

func (p *exprParser) unary() uint64 {
	word := p.peek()
	p.at++
	if p.depth++; p.depth > 64 {
		p.bad = true
	}
	defer func() { p.depth-- }()
	switch {
	case word == "" || p.bad:
	case word == "~":
		return ^p.unary()
	case word == "-":
		return -p.unary()
	case word == "(":
		v := p.binary(0)
		p.bad = p.bad || p.peek() != ")"
		p.at++
		return v
	default:
		if v, ok := p.s.consts[word]; ok {
			return v
		}
		v, err := strconv.ParseUint(strings.TrimRight(word, "uUlL"), 0, 64)
		if err == nil {
			return v
		}
	}
	p.bad = true
	return 0
}
