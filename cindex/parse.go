package cindex

import "strings"

// maxDepth bounds the nesting of statements and expressions that is followed;
// what is deeper is searched for calls token by token.
const maxDepth = 200

// maxCalls bounds the calls of one function.
const maxCalls = 100_000

// A parser reads the preprocessed tokens of one piece. It never fails: what it
// cannot read it passes over, still noting what looks like a call.
type parser struct {
	toks []ptok
	i    int
	out  *facts

	fn      *rawFunc
	ctx     *guard
	silent  int // inside of an operand that is not evaluated
	depth   int
	locals  map[string]*local
	changed map[string]int // how often the function assigns a name or takes its address
	cases   *guard         // what holds at the case labels of the innermost switch
	labels  map[string]*label
	jumps   int       // break and continue statements so far
	scratch []rawCall // room for the calls of a function
	only    tokFlags  // when set, note only calls whose tokens have it
}

// A local is a variable or parameter of the function.
type local struct {
	typ        string // of a parameter
	specs, end int    // tokens of a variable's type
	val        *Expr  // what it is all the time, nil when that is not known
}

// A label is where goto goes to.
type label struct {
	last  int // the last goto's token
	from  *guard
	known bool // from is set
}

func (p *parser) peek() *ptok {
	if p.i < len(p.toks) {
		return &p.toks[p.i]
	}
	return &endToken
}

func (p *parser) peekAt(n int) *ptok {
	if p.i+n < len(p.toks) {
		return &p.toks[p.i+n]
	}
	return &endToken
}

var endToken = ptok{kind: tEOF}

func (p *parser) atEnd() bool { return p.i >= len(p.toks) }

func (p *parser) accept(h uint32) bool {
	if p.i < len(p.toks) && p.toks[p.i].is(h) {
		p.i++
		return true
	}
	return false
}

// group passes over a bracketed group that begins at the current token and
// notes the calls in it.
func (p *parser) group() {
	start := p.i
	depth := 0
	for ; p.i < len(p.toks); p.i++ {
		t := &p.toks[p.i]
		if t.kind != tPunct {
			if t.kind == tIdent && p.i > start && p.peekAt(1).is(pLParen) {
				p.looseCall(t)
			}
			continue
		}
		switch t.hash {
		case pLParen, pLBrack, pLBrace:
			depth++
		case pRParen, pRBrack, pRBrace:
			depth--
		}
		if depth <= 0 {
			p.i++
			return
		}
	}
}

// looseCall notes a call in text that is not parsed.
func (p *parser) looseCall(t *ptok) {
	if p.fn != nil && t.keyword() == 0 {
		p.call(rawCall{callee: t.text, at: t.span(), via: t.via}, t)
	}
}

// skipGroup passes over a bracketed group; nothing in it runs.
func (p *parser) skipGroup() {
	p.silent++
	p.group()
	p.silent--
}

// call notes a call, unless it stands where nothing is evaluated.
func (p *parser) call(c rawCall, t *ptok) {
	if p.silent > 0 || p.fn == nil || strings.HasPrefix(c.callee, "__builtin_") {
		return
	}
	if t.flags&p.only != p.only || len(p.fn.calls) >= maxCalls {
		return
	}
	c.unsure = t.flags&fSecond != 0
	c.guards = p.ctx
	calls := p.fn.calls
	for i := len(calls) - 1; i >= 0 && i >= len(calls)-8; i-- {
		o := &calls[i]
		if o.callee == c.callee && o.at == c.at && o.guards == c.guards && o.kind == c.kind {
			return
		}
	}
	p.fn.calls = append(calls, c)
	p.fn.vias = p.fn.vias || c.via != nil
}

// spell joins tokens as the author would write them.
func spell(toks []ptok) string {
	var b strings.Builder
	for i := range toks {
		if i > 0 && toks[i].flags&fSpace != 0 {
			b.WriteByte(' ')
		}
		b.WriteString(toks[i].text)
	}
	return b.String()
}

// spellType joins tokens of a type, where blanks only stand between words.
func spellType(toks []ptok) string {
	var b strings.Builder
	word := false
	for i := range toks {
		t := &toks[i]
		w := t.kind != tPunct
		if b.Len() > 0 && (word && w || word && t.is(pStar)) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		word = w
	}
	return b.String()
}

// parse gives the facts of the tokens of one piece.
func (b *builder) parse(only tokFlags) *facts {
	p := parser{toks: b.toks, out: &facts{}, only: only, scratch: b.calls}
	for !p.atEnd() {
		start := p.i
		p.external()
		if p.i == start {
			p.i++
		}
	}
	b.calls = p.scratch
	return p.out
}
