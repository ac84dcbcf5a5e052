package syntax

import (
	"sort"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A piece is what one declaration or directive tells. It is immutable, depends
// on its text only, and counts offsets from its own start.
type piece struct {
	text   string
	decls  []Decl
	idents []ident // in the order of the text
	calls  []int32 // idents that are callees
	stmts  []stmt  // outer before inner
	dirs   []token // the directives
	errs   []cindex.Span
	size   int  // an estimate of what it costs in memory
	loose  bool // a tree took too long: another time there may be one
}

type ident struct {
	start, end uint32
	role       Role
}

type stmt struct {
	start, end uint32
	kind       StmtKind
	inBlock    bool
}

// lexer gives a lexer for the piece. A declaration that begins with a # in the
// middle of a line is no directive.
func (p *piece) lexer() lexer {
	return lexer{text: p.text, fresh: len(p.dirs) > 0 && p.dirs[0].start == 0}
}

// Limits above which a piece is read without a tree. Both are far beyond
// anything written by hand: this many bytes are 4,000 lines of one function.
const (
	maxTree = 128 << 10
	maxNest = 2000
)

// readPiece reads a piece. The cut says how it was found.
func readPiece(text string, c cut) *piece {
	p := &piece{text: text}
	if c.directive {
		p.directive(token{0, uint32(len(text)), tDirective, 0})
	} else {
		p.declaration(c.open)
	}
	for i, id := range p.idents {
		if id.role == RoleCall {
			p.calls = append(p.calls, int32(i))
		}
	}
	p.size = len(text) + 12*(len(p.idents)+len(p.stmts)) + 4*len(p.calls) + 400*len(p.decls) + 200
	return p
}

func (p *piece) declaration(open bool) {
	l := lexer{text: p.text}
	all := make([]token, 0, len(p.text)/4+4)
	for t := l.code(); t.kind != tEOF; t = l.code() {
		all = append(all, t)
	}
	o := newOutline(p.text, live(p.text, all))
	o.proto.Open = open
	o.run()
	p.decls = o.decls
	p.collect(all)
	r := newRoles(p)
	if len(p.text) <= maxTree && o.deep <= maxNest && hasTree(o.decls) {
		m := newMask(o)
		for _, part := range m.run() {
			walkTree(part.text, part.at, r)
		}
		sort.SliceStable(p.stmts, func(i, k int) bool { return p.stmts[i].start < p.stmts[k].start })
	}
	r.finish(o)
}

// hasTree tells whether a declaration has anything that takes a grammar.
func hasTree(decls []Decl) bool { return decls[0].Kind != KindOther }

// collect lists the identifiers of all tokens, directives included.
func (p *piece) collect(toks []token) {
	p.idents = make([]ident, 0, len(toks)/2)
	for _, t := range toks {
		switch t.kind {
		case tWord:
			p.addWord(t)
		case tDirective:
			p.directive(t)
		}
	}
}

// unset is the role of an identifier that nobody has looked at.
const unset Role = 0xff

func (p *piece) addWord(t token) {
	if w := p.text[t.start:t.end]; !isKeyword(w) {
		p.idents = append(p.idents, ident{t.start, t.end, unset})
	}
}
