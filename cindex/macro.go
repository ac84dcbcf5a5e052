package cindex

// A macro is one #define. Its identity is that of the directive: a second
// reading of the same line makes another macro.
type macro struct {
	name     string
	path     string // of the file
	hash     uint32
	function bool
	variadic bool // the last parameter takes the rest
	undef    bool // a tombstone of #undef
	fallback bool // from the prelude: used by expansion, but not "defined"
	keep     bool // from the prelude: a #define of the sources does not replace it
	opaque   bool // never expanded: the parser knows it by name
	params   []string
	body     []token
	args     []int16 // per token of the body: the parameter it names, or -1, or argVaOpt
	src      string  // what the body's offsets are about
	srcAt    uint32  // offset of src in the piece

	saved, below *macro // #pragma push_macro: the saved definition, and the stack below
}

const argVaOpt = -2

func (m *macro) text(t token) string {
	t.start -= m.srcAt
	t.end -= m.srcAt
	return textOf(m.src, t)
}

// readMacro reads what follows the name in a #define.
func readMacro(l *lexer, name string, hash uint32) *macro {
	m := &macro{name: name, hash: hash}
	if l.pos < len(l.src) && l.src[l.pos] == '(' {
		l.pos++
		m.function = true
		m.readParams(l)
	}
	m.body = restOfLine(l)
	m.args = make([]int16, len(m.body))
	for i, t := range m.body {
		m.args[i] = -1
		if t.kind == tIdent {
			m.args[i] = m.param(textOf(l.src, t))
		}
	}
	return m
}

func (m *macro) readParams(l *lexer) {
	named := false // the token before is a name: "args..." is one parameter
	for {
		t := l.next(true)
		switch {
		case t.kind == tEOF || t.kind == tPunct && t.hash == pRParen:
			return
		case t.kind == tIdent:
			m.params = append(m.params, textOf(l.src, t))
			named = true
		case t.kind == tPunct && t.hash == pDots:
			if !named {
				m.params = append(m.params, "__VA_ARGS__")
			}
			m.variadic = true
		default:
			named = false
		}
	}
}

// param gives the index of the parameter called name, -1 when there is none.
func (m *macro) param(name string) int16 {
	for i, p := range m.params {
		if p == name {
			return int16(i)
		}
	}
	if name == "__VA_OPT__" && m.variadic {
		return argVaOpt
	}
	return -1
}
