package syntax

// A head is what the cutter knows of the outermost tokens of the declaration
// that it is in: enough to tell the body of a function from other braces, and
// to see that the author forgot a semicolon.
type head struct {
	c      *cutter
	first  token // the first token
	prev   token // the last outermost one
	count  int   // outermost tokens so far
	nouns  int   // words that are a type or a name
	agg    int   // 1: struct, union or enum was read; 2: its tag, too
	attrs  bool  // only attributes so far
	group  bool  // the open parenthesis follows a noun
	params bool  // that parenthesis was closed
	value  bool  // `=` was read
	body   bool  // the open brace is the body of a function
	done   bool  // the braces of a struct, union or enum were closed
}

func (h *head) text(t token) string { return h.c.text[t.start:t.end] }

// follow takes in one outermost token.
func (h *head) follow(t token) {
	if h.count == 0 {
		h.first, h.attrs = t, true
	}
	switch {
	case t.kind == tWord:
		h.word(h.text(t))
	case t.kind == tPunct && t.op == '=':
		h.value, h.attrs = true, false
	case t.kind == tPunct && t.op == '*':
		h.agg, h.attrs = 0, false
	case t.kind == tPunct && t.op == '(':
		if h.prev.kind == tWord && h.agg != 1 && h.nouns > 0 && underscored(h.text(h.prev)) {
			h.agg, h.nouns = 0, h.nouns+1 // struct x __f(
		}
		h.group = h.prev.kind == tWord && h.nouns > 1 && words[h.text(h.prev)] == 0
	}
	h.prev = t
	h.count++
}

func (h *head) word(w string) {
	switch c := words[w]; {
	case c == wTag:
		h.agg, h.attrs = 1, false
		h.nouns++
	case c == wStorage || h.attribute(w):
	case h.agg == 1:
		h.agg = 2
	case h.nouns == 0 && shouting(w):
		h.attrs = false
	case c == wType && h.prev.kind == tWord && words[h.text(h.prev)] == wType:
	default:
		h.agg, h.attrs = 0, false
		h.nouns++
	}
}

func (h *head) attribute(w string) bool {
	c := words[w]
	return c == wAttr || c == wAttrN || underscored(w)
}

// closes takes in the bracket that leads back to the outermost level.
func (h *head) closes(t token) {
	switch t.op {
	case ')':
		h.params = h.params || h.group
	case '}':
		h.done = h.done || h.agg > 0 && !h.value
		h.agg = 0
	}
	h.prev = t
	h.count++
}

// opensBody tells whether a brace that opens now is the body of a function.
func (h *head) opensBody() bool {
	if h.value || h.agg > 0 || h.prev.kind == tEOF {
		return false
	}
	return h.params || h.prev.op == ')' || h.prev.kind == tWord && h.attribute(h.text(h.prev)) && h.nouns > 1
}

// restarts tells whether t begins another declaration although the current one
// was not ended.
func (h *head) restarts(t token) bool {
	if t.kind != tWord || !h.c.column0(int(t.start)) {
		return false
	}
	w := h.text(t)
	c := words[w]
	switch {
	case w == "static" || w == "extern" || w == "typedef":
		return !h.attrs
	case w == "SEC":
		return !h.attrs && !h.c.trailing(int(t.start))
	case h.attribute(w):
		return false
	case h.invocation():
		return true
	case h.params && h.prev.op == ')':
		return true
	case h.done:
		return h.prev.op == '}' && (c != 0 || h.c.looks(int(t.start)) != looksNothing)
	case h.value:
		return h.prev.kind != tPunct || h.prev.op == ')' || h.prev.op == '}'
	}
	return h.nouns > 1 && h.prev.kind == tWord
}

// invocation tells whether the tokens so far are `MACRO(...)` and no more.
func (h *head) invocation() bool {
	w := h.text(h.first)
	return h.count == 3 && h.prev.op == ')' && words[w] == 0 && shouting(w)
}

// conditional tells whether t is an #if, or goes with one, between the
// attributes of a declaration.
func (h *head) conditional(t token) bool {
	switch directiveName(h.text(t)) {
	case "if", "ifdef", "ifndef", "else", "elif", "endif":
		return h.attrs
	}
	return false
}

// trailing tells whether the SEC("...") at off belongs to what stands before.
func (c *cutter) trailing(off int) bool {
	l := lexer{text: c.text, pos: off}
	for range 4 {
		l.code()
	}
	t := l.code()
	c.seen = max(c.seen, l.pos)
	return t.kind == tPunct && (t.op == ';' || t.op == '=' || t.op == ',')
}

// What a line that begins in column 0 looks like.
const (
	looksNothing = iota
	looksWeak    // a declaration, if it is outside of functions
	looksStrong  // a declaration that cannot stand inside of one
)

// lookAhead is how many tokens decide what a line looks like.
const lookAhead = 96

// looks judges the line at off, which is in column 0 and inside of brackets.
func (c *cutter) looks(off int) int {
	l := lexer{text: c.text, pos: off}
	defer func() { c.seen = max(c.seen, l.pos) }()
	t := l.code()
	w := c.text[t.start:t.end]
	switch words[w] {
	case wStmt, wOper, wAsm:
		return looksNothing
	}
	switch w {
	case "static", "extern", "typedef":
		return looksStrong
	case "SEC":
		if l.at(0) == '(' && !c.trailing(off) {
			return looksStrong
		}
		return looksNothing
	}
	return c.looksLike(&l, t)
}

func (c *cutter) looksLike(l *lexer, t token) int {
	nouns, prev := 1, t
	w := c.text[t.start:t.end]
	for n := 0; n < lookAhead; n++ {
		t = l.code()
		switch {
		case t.kind == tWord:
			nouns++
		case t.kind != tPunct:
			return looksNothing
		case t.op == '*' && prev.kind != tPunct, t.op == '*' && prev.op == '*':
		case t.op == '(' && nouns == 1 && shouting(w) && prev.kind == tWord:
			return c.definer(l)
		case t.op == '(' && nouns > 1 && prev.kind == tWord:
			return c.afterParams(l)
		case t.op == '{':
			if words[w] == wTag && nouns <= 2 {
				return looksStrong
			}
			return looksNothing
		case t.op == ';' || t.op == '=' || t.op == '[' || t.op == ',':
			return weakIf(nouns > 1 && prev.kind == tWord)
		default:
			return looksNothing
		}
		prev = t
	}
	return looksNothing
}

func weakIf(b bool) int {
	if b {
		return looksWeak
	}
	return looksNothing
}

// definer judges `MACRO(`: one that defines an ops table cannot stand inside
// of a function; others may.
func (c *cutter) definer(l *lexer) int {
	name, comma, dot := l.code(), l.code(), l.code()
	if name.kind == tWord && comma.op == ',' && dot.op == '.' {
		return looksStrong
	}
	return looksWeak
}

// afterParams judges `type name(`: with a body behind it, it is a function,
// which cannot stand inside of another one.
func (c *cutter) afterParams(l *lexer) int {
	depth := 1
	for range lookAhead {
		t := l.code()
		switch {
		case t.kind == tEOF:
			return looksNothing
		case t.op == '(':
			depth++
		case t.op == ')':
			depth--
		case t.op == '{':
			if depth > 0 {
				return looksNothing
			}
			return looksStrong
		case depth == 0 && t.kind == tPunct:
			return weakIf(t.op == ';')
		}
	}
	return looksWeak
}
