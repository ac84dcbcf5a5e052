package syntax

import (
	"sort"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// Place is what kind of text an offset is in.
type Place uint8

// Kinds of text.
const (
	PlaceCode      Place = iota
	PlaceComment         // in a comment, or at the end of one that its line ends
	PlaceString          // in a string or character literal
	PlaceSection         // in the string of SEC("...")
	PlaceDirective       // in an #if, #undef, #pragma ... line
	PlaceDefine          // in a #define line
	PlaceInclude         // in an #include line
)

var placeNames = [...]string{"code", "comment", "string", "section", "directive", "define", "include"}

// String gives the place as a lower-case word.
func (p Place) String() string { return placeNames[p] }

// PlaceAt tells what kind of text an offset is in. For strings, span is the
// part between the quotes.
func (f *File) PlaceAt(off int) (place Place, span cindex.Span) {
	l, at := f.lexerFor(off)
	var prev, before token
	for t := l.next(); t.kind != tEOF && at+int(t.start) < off; t = l.next() {
		if in, sp := inToken(l.text, t, off-at); in {
			place, span = f.placeIn(l, t, prev, before, off-at)
			if span == (cindex.Span{}) {
				span = sp
			}
			return place, cindex.Span{Start: span.Start + at, End: span.End + at}
		}
		if t.kind != tComment {
			before, prev = prev, t
		}
	}
	return PlaceCode, cindex.Span{}
}

// lexerFor gives a lexer from whose start an offset is reached by whole tokens.
func (f *File) lexerFor(off int) (l *lexer, at int) {
	i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].at >= off }) - 1
	if i < 0 {
		return newLexer(f.text), 0
	}
	p := f.pieces[i]
	if off <= p.end() {
		l := p.lexer()
		return &l, p.at
	}
	end := len(f.text)
	if i+1 < len(f.pieces) {
		end = f.pieces[i+1].at
	}
	return &lexer{text: f.text[p.end():end]}, p.end()
}

// inToken tells whether an offset is inside of a token that is no code, and
// what of the token is its content.
func inToken(text string, t token, off int) (bool, cindex.Span) {
	start, end := int(t.start), int(t.end)
	switch t.kind {
	case tComment:
		open := t.op == '/' || end-start < 4 || text[end-2:end] != "*/"
		return off < end || off == end && open, cindex.Span{Start: start, End: end}
	case tString, tChar:
		in := cindex.Span{Start: start + 1, End: end - 1}
		if end-start < 2 || text[end-1] != text[start] || escaped(text[start:end-1]) {
			in.End = end
		}
		return off > start && off <= in.End, in
	case tDirective:
		return off <= end, cindex.Span{Start: start, End: end}
	}
	return false, cindex.Span{}
}

// escaped tells whether the byte behind s has a backslash before it.
func escaped(s string) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func (f *File) placeIn(l *lexer, t, prev, before token, off int) (Place, cindex.Span) {
	switch t.kind {
	case tComment:
		return PlaceComment, cindex.Span{}
	case tDirective:
		return inDirective(l.text[t.start:t.end], int(t.start), off)
	}
	if prev.op == '(' && before.kind == tWord && l.text[before.start:before.end] == "SEC" {
		return PlaceSection, cindex.Span{}
	}
	return PlaceString, cindex.Span{}
}

// inDirective looks into a line of the preprocessor: it may have comments and
// strings of its own.
func inDirective(line string, at, off int) (Place, cindex.Span) {
	name := directiveName(line)
	l := lexer{text: line, pos: 1}
	for t := l.next(); t.kind != tEOF; t = l.next() {
		if in, sp := inToken(line, t, off-at); in && name != "include" {
			p := PlaceString
			if t.kind == tComment {
				p = PlaceComment
			}
			return p, cindex.Span{Start: sp.Start + at, End: sp.End + at}
		}
	}
	switch name {
	case "include", "include_next":
		return PlaceInclude, cindex.Span{}
	case "define":
		return PlaceDefine, cindex.Span{}
	}
	return PlaceDirective, cindex.Span{}
}

// StmtAt gives the innermost statement that contains an offset. Blocks are no
// statements; the if or the loop around them is.
func (f *File) StmtAt(off int) (Stmt, bool) {
	i := f.at(off)
	if i < 0 {
		return Stmt{}, false
	}
	p := f.pieces[i]
	rel := uint32(off - p.at)
	k := sort.Search(len(p.stmts), func(k int) bool { return p.stmts[k].start > rel })
	for k--; k >= 0; k-- {
		if s := p.stmts[k]; rel < s.end || rel == s.end && off == p.end() {
			return f.stmt(p, s), true
		}
	}
	return Stmt{}, false
}

// StmtsAt gives all statements around an offset, the innermost first.
func (f *File) StmtsAt(off int) []Stmt {
	var out []Stmt
	if i := f.at(off); i >= 0 {
		p := f.pieces[i]
		rel := uint32(off - p.at)
		for k := len(p.stmts) - 1; k >= 0; k-- {
			if s := p.stmts[k]; s.start <= rel && rel < s.end {
				out = append(out, f.stmt(p, s))
			}
		}
	}
	return out
}

func (f *File) stmt(p placed, s stmt) Stmt {
	out := Stmt{Kind: s.kind, Span: p.span(s.start, s.end), InBlock: s.inBlock}
	c := f.text[out.Span.End-1]
	out.Complete = c == ';' || c == '}'
	from := out.Span.Start
	for from > 0 && (f.text[from-1] == ' ' || f.text[from-1] == '\t') {
		from--
	}
	if from == 0 || f.text[from-1] == '\n' {
		out.Indent = cindex.Span{Start: from, End: out.Span.Start}
	}
	return out
}

// InitAt gives the ops table around an offset and the initialiser that it is
// in; ok is false outside of the braces of a table. member says that the offset
// is where the name of a member stands or may be typed; then the initialiser
// may be empty.
func (f *File) InitAt(off int) (table Decl, in Init, member, ok bool) {
	i := f.at(off)
	if i < 0 {
		return
	}
	p := f.pieces[i]
	for k := range p.decls {
		d := &p.decls[k]
		if rel := off - p.at; d.Kind == KindTable && within(d, rel, p.text) {
			in, member = p.initAt(d, rel)
			return p.decl(d), in, member, true
		}
	}
	return
}

func within(d *Decl, rel int, text string) bool {
	if d.Wrapper == "" && (rel <= d.Body.Start || rel == d.Body.End && text[rel-1] == '}') {
		return false
	}
	return d.Body.Start <= rel && rel <= d.Body.End
}

// initAt finds the initialiser at rel. Behind a comma or at the start, a new
// one may begin.
func (p placed) initAt(d *Decl, rel int) (in Init, member bool) {
	for _, c := range d.Inits {
		if c.Span.Start < rel && rel <= c.Span.End {
			p.moveInit(&c)
			m := c.MemberSpan
			return c, m.Start <= rel+p.at && rel+p.at <= m.End
		}
	}
	i := rel - 1
	for i > d.Body.Start && class[p.text[i]] >= cWord && class[p.text[i]] <= cDigit {
		i--
	}
	for i > d.Body.Start && (class[p.text[i]] == cSpace || class[p.text[i]] == cLine) {
		i--
	}
	return in, i <= d.Body.Start || p.text[i] == ',' || p.text[i] == '{' || p.text[i] == '/'
}
