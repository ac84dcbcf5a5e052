package cindex

import "strings"

// asm passes over an assembler statement. What it calls is a call all the
// same: "call %[name]" or "call name".
func (p *parser) asm() {
	p.i++
	for p.peek().kind == tIdent && !p.peek().is(pLParen) {
		p.i++ // volatile, goto
	}
	if !p.peek().is(pLParen) {
		p.accept(pSemi)
		return
	}
	start := p.i
	p.skipGroup()
	toks := p.toks[start:p.i]
	for i := range toks {
		if toks[i].kind == tString {
			p.asmCalls(&toks[i], toks)
		}
	}
	p.accept(pSemi)
}

func (p *parser) asmCalls(t *ptok, toks []ptok) {
	for text := t.text; ; {
		_, rest, ok := strings.Cut(text, "call ")
		if !ok {
			return
		}
		text = rest
		rest, operand := strings.CutPrefix(strings.TrimSpace(rest), "%[")
		n := 0
		for n < len(rest) && (class[rest[n]] == cIdent || class[rest[n]] == cDigit && n > 0) {
			n++
		}
		if n == 0 {
			continue
		}
		name := rest[:n]
		if operand {
			name = asmOperand(name, toks)
		}
		p.call(rawCall{callee: name, at: t.span(), via: t.via}, t)
	}
}

// asmOperand gives what [name] "i" (value) stands for.
func asmOperand(name string, toks []ptok) string {
	for i := 0; i+5 < len(toks); i++ {
		if toks[i].is(pLBrack) && toks[i+1].text == name && toks[i+3].kind == tString &&
			toks[i+4].is(pLParen) && toks[i+5].kind == tIdent {
			return toks[i+5].text
		}
	}
	return name
}
