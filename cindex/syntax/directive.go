package syntax

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// directive reads one line of the preprocessor, which is token t of the piece.
func (p *piece) directive(t token) {
	p.dirs = append(p.dirs, t)
	line := p.text[t.start:t.end]
	d := dirReader{p: p, base: t.start, l: lexer{text: line, pos: 1}}
	d.out.Span = cindex.Span{Start: int(t.start), End: int(t.end)}
	name := d.l.code()
	switch line[name.start:name.end] {
	case "define":
		d.define()
	case "include", "include_next":
		d.include()
	case "undef", "if", "ifdef", "ifndef", "elif", "elifdef", "elifndef":
		d.rest(RoleMacro)
	case "error", "warning", "line", "pragma":
	default:
		d.rest(RoleMacro)
	}
}

type dirReader struct {
	p    *piece
	l    lexer
	base uint32
	out  Decl
}

func (d *dirReader) text(t token) string { return d.l.text[t.start:t.end] }

func (d *dirReader) span(t token) cindex.Span {
	return cindex.Span{Start: int(d.base + t.start), End: int(d.base + t.end)}
}

func (d *dirReader) add(t token, role Role) {
	if !isKeyword(d.text(t)) {
		d.p.idents = append(d.p.idents, ident{d.base + t.start, d.base + t.end, role})
	}
}

// rest gives all remaining identifiers one role; calls excepted.
func (d *dirReader) rest(role Role) {
	var prev token
	for t := d.l.code(); ; t = d.l.code() {
		if prev.kind == tWord {
			d.add(prev, looseRole(role, t, d.text(prev)))
		}
		if t.kind == tEOF {
			return
		}
		prev = t
	}
}

func looseRole(role Role, next token, w string) Role {
	if next.kind == tPunct && next.op == '(' && callable(w) {
		return RoleCall
	}
	return role
}

func (d *dirReader) include() {
	d.l.blanks()
	rest := d.l.text[min(d.l.pos, len(d.l.text)):]
	d.out.Kind = KindInclude
	if rest == "" || rest[0] != '"' && rest[0] != '<' {
		d.rest(RoleMacro)
		return
	}
	closing := strings.IndexByte(rest[1:], map[byte]byte{'"': '"', '<': '>'}[rest[0]])
	if closing < 0 {
		closing = len(strings.TrimRight(rest[1:], " \t\r"))
	}
	start := int(d.base) + d.l.pos + 1
	d.out.Name = rest[1 : 1+closing]
	d.out.NameSpan = cindex.Span{Start: start, End: start + closing}
	d.p.decls = append(d.p.decls, d.out)
}

func (d *dirReader) define() {
	name := d.l.code()
	if name.kind != tWord {
		return
	}
	d.out.Kind, d.out.Name, d.out.NameSpan = KindMacro, d.text(name), d.span(name)
	d.p.idents = append(d.p.idents, ident{d.base + name.start, d.base + name.end, RoleDecl})
	if d.l.at(0) == '(' {
		d.params()
	}
	d.l.blanks()
	if end := len(strings.TrimRight(d.l.text, " \t\r")); end > d.l.pos {
		d.out.Body = cindex.Span{Start: int(d.base) + d.l.pos, End: int(d.base) + end}
	}
	d.p.decls = append(d.p.decls, d.out)
	d.body()
}

func (d *dirReader) params() {
	d.out.Params = []Param{}
	for t := d.l.code(); t.kind != tEOF && t.op != ')'; t = d.l.code() {
		if t.kind == tWord {
			d.add(t, RoleDecl)
			d.out.Params = append(d.out.Params, Param{Name: d.text(t), NameSpan: d.span(t)})
		}
	}
}

// body reads the identifiers of a replacement: without a grammar, since it
// need not be C by itself.
func (d *dirReader) body() {
	var before, prev token
	for t := d.l.code(); ; t = d.l.code() {
		if prev.kind == tWord {
			d.add(prev, loose(d.l.text, before, prev, t))
		}
		if t.kind == tEOF {
			return
		}
		before, prev = prev, t
	}
}

// loose guesses the role of a word from the tokens around it.
func loose(text string, before, word, after token) Role {
	w := text[word.start:word.end]
	switch {
	case before.kind == tPunct && (before.op == '.' || before.op == opArrow):
		if before.op == '.' && after.kind == tPunct && after.op == '=' {
			return RoleMember
		}
		return RoleField
	case before.kind == tWord && words[text[before.start:before.end]] == wTag, words[w] == wType:
		return RoleType
	case words[w] == wAttr || words[w] == wAttrN:
		return RoleMacro
	case after.kind == tPunct && after.op == '(' && callable(w):
		return RoleCall
	}
	return RoleOther
}
