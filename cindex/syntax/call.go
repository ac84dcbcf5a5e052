package syntax

import (
	"bytes"
	"sort"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// Calls gives all calls of a name as they are written, in the order of the
// text: calls of macros and calls in the bodies of macros too. With an empty
// name it gives all calls.
func (f *File) Calls(name string) []Call {
	var out []Call
	for _, p := range f.pieces {
		for _, k := range p.calls {
			id := p.idents[k]
			if name != "" && int(id.end-id.start) != len(name) {
				continue
			}
			if w := p.text[id.start:id.end]; name == "" || w == name {
				out = append(out, p.call(id))
			}
		}
	}
	return out
}

// CallsIn gives all calls whose names are in a span.
func (f *File) CallsIn(span cindex.Span) []Call {
	var out []Call
	i := sort.Search(len(f.pieces), func(i int) bool { return f.pieces[i].end() > span.Start })
	for ; i < len(f.pieces) && f.pieces[i].at < span.End; i++ {
		p := f.pieces[i]
		for _, k := range p.calls {
			id := p.idents[k]
			if s := p.span(id.start, id.end); span.Start <= s.Start && s.End <= span.End {
				out = append(out, p.call(id))
			}
		}
	}
	return out
}

// call reads the arguments of the call whose name is id.
func (p placed) call(id ident) Call {
	c := Call{Name: p.text[id.start:id.end], NameSpan: p.span(id.start, id.end)}
	c.Span = c.NameSpan
	l := lexer{text: p.text[:p.limit(id.end)], pos: int(id.end)}
	open := l.code()
	if open.op != '(' {
		return c
	}
	a := args{l: &l, p: p, last: open}
	a.read()
	c.Args, c.Closed = a.out, a.closed
	c.Span.End = p.at + a.end
	return c
}

// limit gives the end of the directive that an offset is in, or of the piece.
func (p placed) limit(off uint32) int {
	for _, d := range p.dirs {
		if d.start < off && off <= d.end {
			return int(d.end)
		}
	}
	return len(p.text)
}

// An args reader collects the arguments behind an opening parenthesis. An
// argument list that is not closed ends with its statement or block.
type args struct {
	l      *lexer
	p      placed
	out    []cindex.Span
	open   []byte // brackets within the current argument
	start  token  // the first token of the current argument
	last   token  // the last token read
	commas int
	closed bool
	end    int // where the call ends, in the piece
}

// maxArgNest is how deep the arguments of a call may nest. Without it, reading
// all calls of f(f(f(... would take the square of their number.
const maxArgNest = 64

func (a *args) read() {
	a.end = int(a.last.end)
	for {
		t := a.l.code()
		if t.kind == tDirective {
			continue
		}
		if len(a.open) == 0 && t.op == ')' {
			a.argument(int(t.start))
			a.end, a.closed = int(t.end), true
			return
		}
		if a.stops(t) {
			a.argument(a.end)
			return
		}
		if len(a.open) == 0 && t.op == ',' {
			a.commas++
			a.argument(int(t.start))
			a.start = token{}
		} else if a.start.kind == tEOF {
			a.start = t
		}
		a.nest(t)
		a.last, a.end = t, int(t.end)
	}
}

// stops tells whether a token cannot be part of the arguments.
func (a *args) stops(t token) bool {
	switch {
	case t.kind == tEOF || len(a.open) > maxArgNest:
		return true
	case bytes.IndexByte(a.open, '{') >= 0:
		return false
	case t.kind == tWord:
		return words[a.l.text[t.start:t.end]] == wStmt
	}
	return t.op == ';' || t.op == '}'
}

func (a *args) nest(t token) {
	n := len(a.open)
	switch t.op {
	case '(', '[', '{':
		a.open = append(a.open, t.op)
	case ')', ']':
		if n > 0 && a.open[n-1] != '{' {
			a.open = a.open[:n-1]
		}
	case '}':
		a.open = a.open[:max(bytes.LastIndexByte(a.open, '{'), 0)]
	}
}

// argument adds the argument that ends with the last token; an empty one, at
// offset end, only beside commas.
func (a *args) argument(end int) {
	switch {
	case a.start.kind != tEOF:
		a.out = append(a.out, a.p.span(a.start.start, a.last.end))
	case a.commas > 0:
		a.out = append(a.out, a.p.span(uint32(end), uint32(end)))
	}
}

// CallAt gives the innermost call whose parentheses an offset is in, closed or
// not, and the index of the argument there. For a call without arguments yet,
// that is 0.
func (f *File) CallAt(off int) (c Call, arg int, ok bool) {
	i := f.at(off)
	if i < 0 {
		return
	}
	p := f.pieces[i]
	s := scanner{p: p, off: off - p.at, l: p.lexer()}
	s.run(0)
	for n := len(s.open) - 1; n >= 0 && s.open[n].op == '('; n-- {
		if k := p.callee(s.open[n].word); k >= 0 {
			return p.call(p.idents[k]), s.open[n].commas, true
		}
		if n > 0 && s.open[n-1].op == '{' {
			break
		}
	}
	return
}

// callee gives the identifier at a word if it is one that is called, -1 else.
func (p placed) callee(word token) int {
	if word.kind != tWord {
		return -1
	}
	k := sort.Search(len(p.idents), func(k int) bool { return p.idents[k].start >= word.start })
	if k < len(p.idents) && p.idents[k].start == word.start && p.idents[k].role == RoleCall {
		return k
	}
	return -1
}

// A scanner follows the brackets of a piece up to an offset.
type scanner struct {
	p    placed
	l    lexer
	off  int
	open []bracket
}

type bracket struct {
	op     byte
	word   token // the word before it
	commas int
}

// run reads tokens up to the offset. base is added to the tokens' places: a
// directive is read as a text of its own.
func (s *scanner) run(base uint32) {
	var prev token
	for t := s.l.code(); t.kind != tEOF && int(base+t.start) < s.off; t = s.l.code() {
		t.start, t.end = t.start+base, t.end+base
		if t.kind == tDirective {
			if s.off <= int(t.end) {
				s.directive(t)
				return
			}
			continue
		}
		if t.kind == tPunct {
			s.punct(t, prev)
		}
		prev = t
	}
}

func (s *scanner) directive(t token) {
	s.open = nil
	s.l = lexer{text: s.p.text[t.start:t.end], pos: 1}
	s.run(t.start)
}

func (s *scanner) punct(t, prev token) {
	n := len(s.open)
	switch t.op {
	case '(', '[', '{':
		b := bracket{op: t.op}
		if prev.kind == tWord {
			b.word = prev
		}
		s.open = append(s.open, b)
	case ')', ']':
		if n > 0 && s.open[n-1].op != '{' {
			s.open = s.open[:n-1]
		}
	case '}':
		for n > 0 && s.open[n-1].op != '{' {
			n--
		}
		s.open = s.open[:max(n-1, 0)]
	case ';':
		for n > 0 && s.open[n-1].op != '{' && s.p.text[s.open[n-1].word.start:s.open[n-1].word.end] != "for" {
			n--
		}
		s.open = s.open[:n]
	case ',':
		if n > 0 {
			s.open[n-1].commas++
		}
	}
}
