package syntax

// The mask makes text that the C grammar knows out of text that it does not,
// byte for byte: every offset and every line stays where it is. It works on
// tokens and on the shape of the code alone; it has no table of a file's
// macros, so that a piece's facts depend on the piece.

// A part is a text for one tree, and where it stands in the piece.
type part struct {
	text []byte
	at   uint32
}

type mask struct {
	*outline
	out   []byte
	calls []bool   // for each open bracket: it holds the arguments of a call
	open  []int    // the open brackets
	exprs [][2]int // statement expressions: the tokens of their braces
	depth int      // open braces
	level int      // statement expressions around
}

// maxExprs is how deep statement expressions may nest and still get a tree
// each: every level copies what is in it.
const maxExprs = 8

func newMask(o *outline) *mask { return &mask{outline: o} }

// run gives the masked texts: the piece, and each of its statement expressions.
func (m *mask) run() []part {
	m.out = make([]byte, len(m.text))
	for i := range m.out {
		m.out[i] = ' '
		if m.text[i] == '\n' {
			m.out[i] = '\n'
		}
	}
	for _, t := range m.toks {
		m.copyToken(t)
	}
	for i := 0; i < len(m.toks); {
		i = max(m.token(i), i+1)
	}
	m.definesTable()
	if m.bare >= 0 && len(m.word(m.bare)) >= len("int f") {
		m.put(m.bare, "int f") // MACRO(name, int x) { ... }
	}
	for _, b := range m.blanks {
		m.wipe(b[0], b[1])
	}
	return m.split()
}

// copyToken copies a token. What is in quotes is nobody's business, and may
// not even be text.
func (m *mask) copyToken(t token) {
	switch t.kind {
	case tString, tChar:
		m.quoted(t)
	case tWord:
		for i := t.start; i < t.end; i++ {
			m.out[i] = m.text[i]
			if m.text[i] >= 0x80 {
				m.out[i] = 'x'
			}
		}
	default:
		copy(m.out[t.start:t.end], m.text[t.start:t.end])
		for i := t.start; i < t.end; i++ {
			if c := m.text[i]; c == '\\' || c == '`' || c == '@' || c == '#' || c < ' ' {
				m.out[i] = ' '
			}
		}
	}
}

// quoted puts a literal of the same length; one with line ends, or one that is
// not closed, becomes a number.
func (m *mask) quoted(t token) {
	q := m.text[t.start]
	plain := t.end-t.start > 1 && m.text[t.end-1] == q && (q == '"' || t.end-t.start > 2)
	for i := t.start; i < t.end; i++ {
		plain = plain && m.text[i] != '\n'
	}
	if !plain {
		m.out[t.start] = '0'
		return
	}
	for i := t.start; i < t.end; i++ {
		m.out[i] = ' '
	}
	if q == '\'' {
		m.out[t.start+1] = 'x'
		for i := t.start + 2; i+1 < t.end; i++ {
			m.out[i] = ' '
		}
		m.out[t.start], m.out[t.start+2] = q, q
		return
	}
	m.out[t.start], m.out[t.end-1] = q, q
}

// wipe blanks the tokens [from, to) and all between them.
func (m *mask) wipe(from, to int) {
	to = min(to, len(m.toks))
	if from >= to {
		return
	}
	for i := m.toks[from].start; i < m.toks[to-1].end; i++ {
		if m.out[i] != '\n' {
			m.out[i] = ' '
		}
	}
}

// put overwrites token i with a shorter or equally long word.
func (m *mask) put(i int, w string) {
	m.wipe(i, i+1)
	copy(m.out[m.toks[i].start:m.toks[i].end], w)
}

func (m *mask) token(i int) int {
	switch m.toks[i].kind {
	case tPunct:
		return m.punct(i)
	case tWord:
		return m.masked(i)
	}
	return i + 1
}

func (m *mask) punct(i int) int {
	switch m.op(i) {
	case '(', '[', '{':
		return m.opens(i)
	case ')', ']', '}':
		for n := len(m.open); n > 0 && int(m.close[m.open[n-1]]) <= i; n = len(m.open) {
			if m.op(m.open[n-1]) == '{' {
				m.depth--
			}
			m.open, m.calls = m.open[:n-1], m.calls[:n-1]
		}
	case ';':
		for n := len(m.open); n > 0 && int(m.close[m.open[n-1]]) <= i; n = len(m.open) {
			m.open, m.calls = m.open[:n-1], m.calls[:n-1]
		}
	case ',':
		if m.inCall() {
			m.argument(i + 1)
			if next := m.op(i + 1); next == '[' || next == '.' || next == opArrow {
				m.wipe(i, i+1) // MEMBER_VPTR(arr, [i].x)
			}
		}
	case opDots:
		m.dots(i)
	}
	return i + 1
}

func (m *mask) inCall() bool {
	n := len(m.calls)
	return n > 0 && m.calls[n-1] && m.depth > 0
}

func (m *mask) opens(i int) int {
	if m.op(i) == '(' && m.op(i+1) == '{' && m.depth > 0 {
		return m.stmtExpr(i)
	}
	if m.op(i) == '{' {
		m.depth++
	}
	prev := m.word(i - 1)
	call := m.op(i) == '(' && prev != "" && (!isKeyword(prev) || prev == "offsetof")
	m.open, m.calls = append(m.open, i), append(m.calls, call)
	if call && m.depth > 0 {
		m.argument(i + 1)
		if m.op(i+1) == '.' {
			m.wipe(i+1, i+2)
		}
	}
	return i + 1
}

// stmtExpr sets `({ ... })` aside, for a tree of its own, and leaves a number.
func (m *mask) stmtExpr(i int) int {
	end := int(m.close[i+1]) // the brace
	if end >= len(m.toks) || m.op(end+1) != ')' || m.level >= maxExprs {
		return i + 1
	}
	m.exprs = append(m.exprs, [2]int{i + 1, end})
	inner := mask{outline: m.outline, out: m.out, depth: 1, level: m.level + 1}
	for k := i + 2; k < end; {
		k = max(inner.token(k), k+1)
	}
	m.exprs = append(m.exprs, inner.exprs...)
	return end + 2
}

// split cuts the statement expressions out of the masked text, inner ones
// first, so that each tree sees its own level only.
func (m *mask) split() []part {
	parts := make([]part, 0, len(m.exprs)+1)
	for n := len(m.exprs) - 1; n >= 0; n-- {
		from, to := m.toks[m.exprs[n][0]].start, m.toks[m.exprs[n][1]].end
		parts = append(parts, part{append([]byte(nil), m.out[from:to]...), from})
		m.wipe(m.exprs[n][0], m.exprs[n][1]+1)
		m.out[from] = '0'
	}
	parts = append(parts, part{m.out, 0})
	for i, k := 0, len(parts)-1; i < k; i, k = i+1, k-1 {
		parts[i], parts[k] = parts[k], parts[i]
	}
	return parts
}

// definesTable turns `MACRO(name, .m = f)` into `struct s name= {.m = f}`.
func (m *mask) definesTable() {
	i := m.table
	if i < 0 {
		return
	}
	end := int(m.close[i])
	comma, dot := m.toks[i+2], m.toks[i+3]
	if len(m.word(i-1)) < len("struct s") || end >= len(m.toks) {
		return // no room, or not closed yet: the outline has it all
	}
	at := comma.start
	if comma.end == dot.start { // the name is the outline's business: it may lose a letter
		at--
	}
	m.put(i-1, "struct s")
	m.wipe(i, i+1)
	m.out[at], m.out[at+1] = '=', '{'
	m.out[m.toks[end].start] = '}'
}
