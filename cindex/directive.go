package cindex

import "strings"

type dirKind uint8

const (
	dOther dirKind = iota
	dDefine
	dUndef
	dInclude
	dIf
	dIfdef
	dIfndef
	dElif // and #elifdef, #elifndef, rewritten
	dElse
	dEndif
	dOnce
	dPush
	dPop
)

// A directive is one preprocessor line. Its offsets count from the piece's
// start, like those of tokens.
type directive struct {
	kind   dirKind
	name   string  // of the macro that it is about
	hash   uint32  // of name
	at     token   // the name, or the spec of #include
	toks   []token // the rest of the line
	src    string  // the text that the offsets are about
	base   uint32  // of src, until rebase
	macro  *macro  // #define
	spec   string  // #include: without its quotes
	system bool    // #include <>
	next   bool    // #include_next
}

var dirKinds = map[string]dirKind{
	"define": dDefine, "undef": dUndef, "include": dInclude, "include_next": dInclude,
	"import": dInclude, "if": dIf, "ifdef": dIfdef, "ifndef": dIfndef, "elif": dElif,
	"elifdef": dElif, "elifndef": dElif, "else": dElse, "endif": dEndif,
}

// readDirective reads the line after the '#' token h. The lexer is left at
// the end of the line.
func readDirective(l *lexer, h token) *directive {
	d := &directive{src: l.src[h.start:], base: h.start}
	word := l.next(true)
	if word.kind != tIdent {
		d.toks = restOfLine(l)
		d.trim(l)
		return d
	}
	w := textOf(l.src, word)
	d.kind = dirKinds[w]
	d.next = w == "include_next"
	switch d.kind {
	case dInclude:
		d.include(l)
	case dDefine:
		d.define(l)
	case dOther:
		d.toks = restOfLine(l)
		d.pragma(l, w)
	default:
		d.toks = restOfLine(l)
		d.condition(l, w)
	}
	d.trim(l)
	return d
}

// trim ends the text of the directive with its line.
func (d *directive) trim(l *lexer) { d.src = l.src[d.base:l.pos] }

func restOfLine(l *lexer) []token {
	var toks []token
	for t := l.next(true); t.kind != tEOF; t = l.next(true) {
		toks = append(toks, t)
	}
	return toks
}

// include reads the spec; one that is a macro is left in toks.
func (d *directive) include(l *lexer) {
	l.skip(true)
	start := l.pos
	rest := l.src[start:]
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	if rest != "" && (rest[0] == '<' || rest[0] == '"') {
		q := byte('"')
		if d.system = rest[0] == '<'; d.system {
			q = '>'
		}
		if n := strings.IndexByte(rest[1:], q); n >= 0 {
			d.spec = rest[1 : n+1]
			l.pos = start + n + 2
			d.at = token{start: uint32(start), end: uint32(l.pos), kind: tString}
		}
	}
	d.toks = restOfLine(l)
	if d.spec == "" && len(d.toks) > 0 {
		d.at = d.toks[0]
	}
}

// condition takes the name of #ifdef and its like.
func (d *directive) condition(l *lexer, word string) {
	if len(d.toks) == 0 || d.toks[0].kind != tIdent {
		return
	}
	switch d.kind {
	case dIfdef, dIfndef, dUndef:
	case dElif:
		if word == "elif" {
			return
		}
	default:
		return
	}
	d.at = d.toks[0]
	d.name = textOf(l.src, d.at)
	d.hash = d.at.hash
	if d.kind == dUndef {
		d.macro = &macro{name: d.name, hash: d.hash, undef: true}
	}
	if word == "elifndef" {
		d.next = true // used as "not"
	}
}

// pragma knows once, push_macro and pop_macro.
func (d *directive) pragma(l *lexer, word string) {
	if word != "pragma" || len(d.toks) == 0 {
		return
	}
	w := textOf(l.src, d.toks[0])
	if w == "once" {
		d.kind = dOnce
		return
	}
	if (w == "push_macro" || w == "pop_macro") && len(d.toks) >= 3 && d.toks[2].kind == tString {
		d.kind = dPush
		if w == "pop_macro" {
			d.kind = dPop
		}
		d.name = strings.Trim(textOf(l.src, d.toks[2]), `"`)
		d.hash = identHash(d.name)
	}
}

// define reads name, parameters and body.
func (d *directive) define(l *lexer) {
	t := l.next(true)
	if t.kind != tIdent {
		d.kind = dOther
		d.toks = restOfLine(l)
		return
	}
	d.at, d.name, d.hash = t, textOf(l.src, t), t.hash
	d.macro = readMacro(l, d.name, d.hash)
	d.toks = d.macro.body
}

// rebase makes offsets count from the piece's start at base.
func (d *directive) rebase(path string, base uint32) {
	shift := func(t *token) { t.start -= base; t.end -= base }
	shift(&d.at)
	for i := range d.toks {
		shift(&d.toks[i])
	}
	if d.macro != nil {
		d.macro.path = path
		d.macro.src = d.src
		d.macro.srcAt = d.base - base
	}
	d.base -= base
}

// text gives the spelling of one of the directive's tokens, after rebase.
func (d *directive) text(t token) string {
	t.start -= d.base
	t.end -= d.base
	return textOf(d.src, t)
}
