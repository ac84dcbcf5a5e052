package syntax

// The cutter finds where top-level declarations and directives begin and end,
// without a grammar and without tables of macros, so that it works on text
// that is being typed. Braces rule: a closing brace closes every parenthesis
// that was opened behind its opening one.

// A cut is one piece of a file.
type cut struct {
	start, end int
	directive  bool
	open       bool // it does not end by itself: something is missing
	look       int  // where the text ends that decided this
	eager      int  // the cutter's eager behind it
}

type cutter struct {
	lexer
	// eager is the offset up to which brackets are known not to balance.
	// Before it, whatever looks like a declaration in column 0 begins one.
	eager int
	seen  int // where lookahead has been
}

// cutText cuts a file. Between pieces there are only blanks and comments.
func cutText(text string) []cut {
	c := cutter{lexer: *newLexer(text)}
	var out []cut
	for t := c.code(); t.kind != tEOF; t = c.code() {
		if p, ok := c.piece(t); ok {
			out = append(out, p)
		}
	}
	return out
}

// piece cuts the piece that begins with t; a lone semicolon is none.
func (c *cutter) piece(t token) (p cut, ok bool) {
	c.seen = c.pos
	if t.kind == tDirective {
		p = cut{start: int(t.start), end: int(t.end), directive: true}
	} else {
		p = c.declaration(t)
	}
	p.look, p.eager = max(c.seen, c.pos)+margin, c.eager
	c.pos = p.end
	c.fresh = c.freshAt(p.end)
	return p, p.end > p.start+1 || c.text[p.start] != ';'
}

// freshAt tells whether only blanks precede an offset on its line.
func (c *cutter) freshAt(off int) bool {
	for off--; off >= 0 && c.text[off] != '\n'; off-- {
		if class[c.text[off]] != cSpace {
			return false
		}
	}
	return true
}

// A nest is the state of brackets: one count of parentheses for each open
// brace, and one for the top level.
type nest struct {
	parens []int32
	arms   []arm // open #if lines
}

type arm struct {
	braces int
	parens int32
}

func (n *nest) depth() int { return len(n.parens) - 1 + int(n.parens[len(n.parens)-1]) }

// apply follows one punctuator. It reports whether a brace closed the last
// open one.
func (n *nest) apply(op byte) bool {
	top := len(n.parens) - 1
	switch op {
	case '(', '[':
		n.parens[top]++
	case ')', ']':
		n.parens[top] = max(n.parens[top]-1, 0)
	case '{':
		n.parens = append(n.parens, 0)
	case '}':
		if top > 0 {
			n.parens = n.parens[:top]
			return top == 1
		}
	}
	return false
}

// directive follows a line of the preprocessor: each arm of an #if starts from
// the same state, and the last one decides how it goes on.
func (n *nest) directive(name string) {
	last := len(n.arms) - 1
	switch name {
	case "if", "ifdef", "ifndef":
		n.arms = append(n.arms, arm{len(n.parens), n.parens[len(n.parens)-1]})
	case "else", "elif", "elifdef", "elifndef":
		if last >= 0 && n.arms[last].braces <= cap(n.parens) {
			n.parens = n.parens[:n.arms[last].braces]
			n.parens[len(n.parens)-1] = n.arms[last].parens
		}
	case "endif":
		n.arms = n.arms[:max(last, 0)]
	}
}

// declaration finds the end of the declaration that begins with token t.
func (c *cutter) declaration(t token) cut {
	p := cut{start: int(t.start), end: int(t.end)}
	n := nest{parens: make([]int32, 1, 16)}
	h := head{c: c}
	weak := -1
	for ; t.kind != tEOF; t = c.code() {
		at := int(t.start)
		if n.depth() == 0 {
			if t.kind == tDirective && !h.conditional(t) || at > p.start && h.restarts(t) {
				if h.invocation() {
					return p // a macro that generates code needs no semicolon
				}
				return c.broken(p, at)
			}
		} else if t.kind == tWord && c.column0(at) {
			looks := c.looks(at)
			if looks != looksNothing && weak < 0 {
				weak = at
			}
			if weak >= 0 && (looks == looksStrong || at < c.eager) {
				c.eager = max(c.eager, at)
				return c.broken(p, weak)
			}
		}
		p.end = int(t.end)
		if t.kind == tDirective {
			n.directive(directiveName(c.text[at:p.end]))
			continue
		}
		if c.ends(t, &n, &h) {
			return p
		}
	}
	if n.depth() == 0 {
		return c.broken(p, len(c.text))
	}
	c.eager = len(c.text)
	if weak < 0 {
		weak = len(c.text)
	}
	return c.broken(p, weak)
}

// ends follows one token of a declaration and tells whether it is the last.
func (c *cutter) ends(t token, n *nest, h *head) bool {
	top := n.depth() == 0
	if t.kind != tPunct {
		if top {
			h.follow(t)
		}
		return false
	}
	if top && (t.op == ';' || t.op == '}') {
		return true
	}
	if top {
		if t.op == '{' {
			h.body = h.opensBody()
		}
		h.follow(t)
	}
	closed := n.apply(t.op)
	if closed && h.body {
		return true
	}
	if !top && n.depth() == 0 {
		h.closes(t)
	}
	return false
}

// broken ends a piece where the next one begins. It keeps the blanks up to
// there: that is where its author is typing.
func (c *cutter) broken(p cut, next int) cut {
	p.end, p.open = next, true
	return p
}

func (c *cutter) column0(off int) bool {
	return off == 0 || c.text[off-1] == '\n' || off == len(bom) && c.text[:off] == bom
}

// directiveName gives the word behind the # of a directive.
func directiveName(line string) string {
	l := lexer{text: line, pos: 1}
	t := l.code()
	if t.kind != tWord {
		return ""
	}
	return line[t.start:t.end]
}
