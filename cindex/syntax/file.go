package syntax

import (
	"sort"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A File is what one version of a file tells. It is immutable and safe for
// concurrent readers.
type File struct {
	content []byte
	text    string // the same bytes
	pieces  []placed
	cuts    []cut // of the pieces
}

// A placed piece is a piece and where it stands in this file.
type placed struct {
	*piece
	at int
}

func (p placed) end() int { return p.at + len(p.text) }

func (p placed) span(start, end uint32) cindex.Span {
	return cindex.Span{Start: p.at + int(start), End: p.at + int(end)}
}

// Content gives the bytes that the file was parsed from.
func (f *File) Content() []byte { return f.content }

// Decls gives all declarations in the order of the text. Macros that are
// defined inside of another declaration come before it.
func (f *File) Decls() []Decl {
	n := 0
	for _, p := range f.pieces {
		n += len(p.decls)
	}
	out := make([]Decl, 0, n)
	for _, p := range f.pieces {
		for i := range p.decls {
			if d := &p.decls[i]; d.Kind != KindOther || d.Name != "" {
				out = append(out, p.decl(d))
			}
		}
	}
	return out
}

// decl moves a declaration to its place.
func (p placed) decl(d *Decl) Decl {
	out := *d
	for _, s := range []*cindex.Span{&out.NameSpan, &out.Span, &out.SectionSpan, &out.TypeSpan, &out.Body} {
		p.move(s)
	}
	out.Params = append([]Param(nil), d.Params...)
	for i := range out.Params {
		p.move(&out.Params[i].NameSpan)
		p.move(&out.Params[i].TypeSpan)
	}
	out.Inits = append([]Init(nil), d.Inits...)
	for i := range out.Inits {
		p.moveInit(&out.Inits[i])
	}
	out.Members = append([]Member(nil), d.Members...)
	for i := range out.Members {
		p.move(&out.Members[i].NameSpan)
		p.move(&out.Members[i].TypeSpan)
	}
	return out
}

// move moves a span to its place; the empty span stays what it is.
func (p placed) move(s *cindex.Span) {
	if *s != (cindex.Span{}) {
		s.Start += p.at
		s.End += p.at
	}
}

func (p placed) moveInit(in *Init) {
	p.move(&in.MemberSpan)
	p.move(&in.ValueSpan)
	p.move(&in.FuncSpan)
	p.move(&in.Span)
}

// at gives the piece that an offset is in or touches, -1 for none. Between two
// that touch, the later one counts.
func (f *File) at(off int) int {
	i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].at > off }) - 1
	if i < 0 || f.pieces[i].end() < off {
		return -1
	}
	return i
}

// DeclAt gives the declaration around an offset: the macro whose #define it is
// in, or the first name that the text around it declares.
func (f *File) DeclAt(off int) (Decl, bool) {
	i := f.at(off)
	if i < 0 {
		return Decl{}, false
	}
	p := f.pieces[i]
	best := -1
	for k := range p.decls {
		d := &p.decls[k]
		if d.Span.Start <= off-p.at && off-p.at <= d.Span.End || d.Open && best < 0 {
			if best < 0 || d.Span.End-d.Span.Start < p.decls[best].Span.End-p.decls[best].Span.Start {
				best = k
			}
		}
	}
	if best < 0 {
		return Decl{}, false
	}
	return p.decl(&p.decls[best]), true
}

// FuncAt gives the function around an offset, its head included.
func (f *File) FuncAt(off int) (Decl, bool) {
	if i := f.at(off); i >= 0 {
		for k := range f.pieces[i].decls {
			if d := &f.pieces[i].decls[k]; d.Kind == KindFunc {
				return f.pieces[i].decl(d), true
			}
		}
	}
	return Decl{}, false
}

// Doc gives the comment directly before a declaration, an empty span if there
// is none. Line comments on consecutive lines count as one.
func (f *File) Doc(d Decl) cindex.Span {
	end := len(strings.TrimRight(f.text[:d.Span.Start], " \t\r\n"))
	if strings.Count(f.text[end:d.Span.Start], "\n") > 1 {
		return cindex.Span{}
	}
	if strings.HasSuffix(f.text[:end], "*/") {
		if start := strings.LastIndex(f.text[:end], "/*"); start >= 0 {
			return cindex.Span{Start: start, End: end}
		}
	}
	start := end
	for {
		line := strings.LastIndexByte(f.text[:start], '\n') + 1
		text := strings.TrimLeft(f.text[line:start], " \t")
		if !strings.HasPrefix(text, "//") {
			break
		}
		start -= len(text)
		prev := strings.TrimRight(f.text[:start], " \t\r\n")
		if line == 0 || strings.Count(f.text[len(prev):start], "\n") > 1 {
			break
		}
		end, start = max(end, start), len(prev)
	}
	return lineComment(f.text, start, end)
}

// lineComment trims what is no comment off the front.
func lineComment(text string, start, end int) cindex.Span {
	i := strings.Index(text[start:end], "//")
	if i < 0 {
		return cindex.Span{}
	}
	return cindex.Span{Start: start + i, End: end}
}

// Idents gives all occurrences of a name, in the order of the text: those in
// macros and directives too, those in comments and strings not. With an empty
// name it gives all identifiers.
func (f *File) Idents(name string) []Ident {
	var out []Ident
	for _, p := range f.pieces {
		for _, id := range p.idents {
			if name != "" && int(id.end-id.start) != len(name) {
				continue
			}
			if w := p.text[id.start:id.end]; name == "" || w == name {
				out = append(out, Ident{w, p.span(id.start, id.end), id.role})
			}
		}
	}
	return out
}

// IdentAt gives the identifier that an offset is in or touches.
func (f *File) IdentAt(off int) (Ident, bool) {
	i := f.at(off)
	if i < 0 {
		return Ident{}, false
	}
	p := f.pieces[i]
	rel := uint32(off - p.at)
	k := sort.Search(len(p.idents), func(k int) bool { return p.idents[k].end >= rel })
	if k < len(p.idents) && p.idents[k].end == rel && k+1 < len(p.idents) && p.idents[k+1].start == rel {
		k++
	}
	if k == len(p.idents) || p.idents[k].start > rel {
		return Ident{}, false
	}
	id := p.idents[k]
	return Ident{p.text[id.start:id.end], p.span(id.start, id.end), id.role}, true
}

// errors gives what the grammar did not know even behind the mask. It is for
// tests: users have a compiler for that.
func (f *File) errors() []cindex.Span {
	var out []cindex.Span
	for _, p := range f.pieces {
		for _, e := range p.errs {
			out = append(out, cindex.Span{Start: p.at + e.Start, End: p.at + e.End})
		}
	}
	return out
}
