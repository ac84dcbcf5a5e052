package cindex

// The cutter splits a file into pieces at brackets and semicolons, without
// knowing any macro. Two pieces where one would do cost a lost declaration, one
// piece where two would do costs nothing but time; so in doubt it goes on.

// A cutter cuts one run of text. Its tokens and directives are shared by all
// the pieces that come out of it.
type cutter struct {
	path string // of the file
	lex  *lexer
	toks []token
	dirs []*directive
	eof  bool
	// eager: brackets of the file do not balance from here on, so that a
	// declaration that begins at column 0 ends whatever is open.
	eager     bool
	eagerFrom int // offset where that began, -1
}

func newCutter(path string, lex *lexer) *cutter {
	return &cutter{path: path, lex: lex, eagerFrom: -1}
}

// tok gives token i, an end-of-file token when there is none.
func (c *cutter) tok(i int) token {
	for !c.eof && i >= len(c.toks) {
		t := c.lex.next(false)
		if t.kind == tPunct && t.hash == pHash && t.flags&fBOL != 0 {
			d := readDirective(c.lex, t)
			t.kind, t.hash, t.end = tDirective, uint32(len(c.dirs)), uint32(c.lex.pos)
			c.dirs = append(c.dirs, d)
		}
		if t.kind == tEOF {
			c.eof = true
			break
		}
		c.toks = append(c.toks, t)
	}
	if i < len(c.toks) {
		return c.toks[i]
	}
	return token{start: uint32(len(c.lex.src)), end: uint32(len(c.lex.src))}
}

// scan is the state while one piece is looked at.
type scan struct {
	stack []byte // open brackets
	conds []int  // depth of the stack at each #if that the piece opened
	agg   bool   // behind struct, union or enum
	ident int    // identifiers since then
	group bool   // a parameter list was seen
	eq    bool   // an initialiser was seen
	fn    bool   // the open brace is that of a function body
	ended bool   // complete but for an open #if
	cand  int    // first token that looks like another declaration, -1
}

// piece gives the end (a token index) of the piece that begins at token i.
func (c *cutter) piece(i int) (end int, open, natural bool) {
	if c.tok(i).kind == tDirective {
		return i + 1, false, true
	}
	s := scan{cand: -1}
	for j := i; ; j++ {
		t := c.tok(j)
		if t.kind == tEOF {
			return c.atEOF(i, j, &s)
		}
		if t.kind == tDirective {
			if !s.directive(c.dirs[t.hash]) {
				if s.cand >= 0 && len(s.stack) > 0 {
					return c.unbalanced(i, j, &s)
				}
				return j, true, s.cand < 0
			}
			if s.ended && len(s.conds) == 0 {
				return j + 1, false, s.cand < 0
			}
			continue
		}
		if j > i && s.candidate(c, t, j) && c.eager && s.cand == j {
			return j, false, false
		}
		s.token(c, t, j)
		if s.ended && len(s.conds) == 0 {
			return j + 1, false, s.cand < 0
		}
	}
}

// atEOF ends the piece i that ran into the end of the file at token j.
func (c *cutter) atEOF(i, j int, s *scan) (end int, open, natural bool) {
	if len(s.stack) == 0 && len(s.conds) == 0 {
		return j, false, false
	}
	return c.unbalanced(i, j, s)
}

// unbalanced ends the piece i at what looks like the next declaration, or at
// token j. From here on declarations may begin inside of brackets.
func (c *cutter) unbalanced(i, j int, s *scan) (end int, open, natural bool) {
	if !c.eager {
		c.eager, c.eagerFrom = true, int(c.toks[i].start)
	}
	if s.cand >= 0 {
		return s.cand, false, false
	}
	return j, false, false
}

// candidate notes a token that stands like the beginning of a declaration
// while brackets are open.
func (s *scan) candidate(c *cutter, t token, j int) bool {
	if s.cand >= 0 || len(s.stack) == 0 || t.kind != tIdent || t.flags&fCol0 == 0 {
		return false
	}
	if n := c.tok(j + 1); n.kind == tPunct && n.hash == pColon {
		return false // a label
	}
	s.cand = j
	return true
}

// directive follows conditionals; false when the piece ends before it.
func (s *scan) directive(d *directive) bool {
	switch d.kind {
	case dIf, dIfdef, dIfndef:
		s.conds = append(s.conds, len(s.stack))
	case dElse, dElif:
		if len(s.conds) == 0 {
			return false
		}
		if n := s.conds[len(s.conds)-1]; n <= len(s.stack) {
			s.stack = s.stack[:n]
		}
	case dEndif:
		if len(s.conds) == 0 {
			return false
		}
		s.conds = s.conds[:len(s.conds)-1]
	case dInclude:
		// Only data is ever included inside of a declaration.
	}
	return true
}

func (s *scan) token(c *cutter, t token, j int) {
	if t.kind == tIdent {
		if len(s.stack) == 0 {
			s.word(c.lex.src[t.start:t.end])
		}
		s.ended = s.ended && len(s.stack) > 0
		return
	}
	if t.kind != tPunct {
		return
	}
	switch t.hash {
	case pLBrace, pLParen, pLBrack:
		if len(s.stack) == 0 {
			s.open(c, t, j)
		}
		s.stack = append(s.stack, byte(t.hash))
	case pRBrace:
		s.closeBrace()
	case pRParen, pRBrack:
		if n := len(s.stack); n > 0 && s.stack[n-1] == opener(t.hash) {
			s.stack = s.stack[:n-1]
		}
	case pSemi:
		if len(s.stack) == 0 {
			s.ended = true
		}
	case pEq:
		if len(s.stack) == 0 {
			s.eq = true
		}
	}
}

func opener(h uint32) byte {
	if h == pRParen {
		return '('
	}
	return '['
}

// word looks at an identifier outside of all brackets.
func (s *scan) word(w string) {
	switch w {
	case "struct", "union", "enum":
		s.agg, s.ident, s.group = true, 0, false
	case "__attribute__":
	default:
		s.ident++
	}
}

// open looks at a bracket that opens outside of all others.
func (s *scan) open(c *cutter, t token, j int) {
	switch t.hash {
	case pLParen:
		if !s.agg || s.ident >= 2 {
			s.group = true
		} else if j > 0 && c.toks[j-1].kind == tIdent {
			s.ident = 0 // struct __aligned(8) x
		}
	case pLBrace:
		s.fn = s.group && !s.eq
	}
}

// closeBrace closes up to the innermost open brace, dropping brackets that
// were forgotten inside of it.
func (s *scan) closeBrace() {
	n := len(s.stack) - 1
	for n >= 0 && s.stack[n] != '{' {
		n--
	}
	if n < 0 {
		s.stack = s.stack[:0]
		s.ended = true // a stray brace
		return
	}
	s.stack = s.stack[:n]
	if n == 0 {
		s.ended = s.fn
		s.agg = false
	}
}

// make builds the piece of tokens i to end.
func (c *cutter) make(i, end int, open, natural bool) placed {
	first, last := c.toks[i], c.toks[end-1]
	at := int(first.start)
	p := &piece{src: c.lex.src[first.start:last.end], open: open, natural: natural}
	p.toks = c.toks[i:end:end]
	for k := range p.toks {
		p.toks[k].start -= uint32(at)
		p.toks[k].end -= uint32(at)
		if t := &p.toks[k]; t.kind == tDirective {
			d := c.dirs[t.hash]
			d.rebase(c.path, uint32(at))
			t.hash = uint32(len(p.dirs))
			p.dirs = append(p.dirs, d)
		}
	}
	if first.kind == tDirective {
		p.dir, p.dirs = p.dirs[0], nil
	}
	return placed{p, at}
}
