package syntax

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// An outline is what the tokens of a piece tell about its declarations. It
// works without a grammar, so that a half-typed body costs the body only.
type outline struct {
	text   string
	toks   []token
	close  []int32      // for an opening bracket: the index of the token behind its content
	blanks [][2]int     // tokens that the C grammar does not know: [from, to)
	macros []int        // tokens that are macros and no calls
	drops  map[int]bool // those of them that a head was read without
	decls  []Decl
	proto  Decl // what all declarations of the piece share
	ksym   bool
	table  int // the parenthesis of a macro that defines an ops table, -1
	bare   int // a wrapper without a type before it, -1
	deep   int // how deep brackets nest
}

func newOutline(text string, toks []token) *outline {
	o := &outline{text: text, toks: toks, table: -1, bare: -1}
	o.close, o.deep = match(text, toks)
	return o
}

// match finds the end of each bracket. Braces rule, as in the cutter, and a
// semicolon ends a call that was not closed.
func match(text string, toks []token) (closeAt []int32, deep int) {
	closeAt = make([]int32, len(toks))
	var open []int
	pop := func(i int) {
		closeAt[open[len(open)-1]] = int32(i)
		open = open[:len(open)-1]
	}
	for i, t := range toks {
		if t.kind != tPunct {
			continue
		}
		switch t.op {
		case '(', '[', '{':
			open = append(open, i)
			deep = max(deep, len(open))
		case ')', ']':
			if n := len(open); n > 0 && toks[open[n-1]].op != '{' {
				pop(i)
			}
		case '}':
			for n := len(open); n > 0 && toks[open[n-1]].op != '{'; n = len(open) {
				pop(i)
			}
			if len(open) > 0 {
				pop(i)
			}
		case ';':
			for n := len(open); n > 0 && toks[open[n-1]].op != '{' && inBlock(toks, open) && !isFor(text, toks, open[n-1]); n = len(open) {
				pop(i)
			}
		}
	}
	for len(open) > 0 {
		pop(len(toks))
	}
	return closeAt, deep
}

// inBlock tells whether any open bracket is a brace: outside of them, macros
// take statements as arguments.
func inBlock(toks []token, open []int) bool { return toks[open[0]].op == '{' }

func isFor(text string, toks []token, i int) bool {
	return i > 0 && toks[i].op == '(' && text[toks[i-1].start:toks[i-1].end] == "for"
}

func (o *outline) word(i int) string {
	if i < 0 || i >= len(o.toks) || o.toks[i].kind != tWord {
		return ""
	}
	return o.text[o.toks[i].start:o.toks[i].end]
}

func (o *outline) op(i int) byte {
	if i < 0 || i >= len(o.toks) || o.toks[i].kind != tPunct {
		return 0
	}
	return o.toks[i].op
}

// span covers the tokens [from, to).
func (o *outline) span(from, to int) cindex.Span {
	if from < 0 || from >= to || from >= len(o.toks) {
		return cindex.Span{}
	}
	return cindex.Span{Start: int(o.toks[from].start), End: int(o.toks[min(to, len(o.toks))-1].end)}
}

func (o *outline) blank(from, to int) {
	o.blanks = append(o.blanks, [2]int{from, min(to, len(o.toks))})
}

// An item is a token, or a whole bracket with what is in it.
type item struct {
	from, to int
	op       byte // 0 for words and literals
	word     string
}

// maxItems is how many outermost tokens of a declaration are looked at.
const maxItems = 1 << 16

// items lists the tokens [lo, hi) without the attributes among them.
func (o *outline) items(lo, hi int) []item {
	var out []item
	for i := lo; i < hi && len(out) < maxItems; {
		it := o.item(i, hi)
		if n := o.attribute(it, hi); n > i {
			o.blank(i, n)
			o.macros = append(o.macros, i)
			i = n
			continue
		}
		out = append(out, it)
		i = it.to
	}
	return out
}

func (o *outline) item(i, hi int) item {
	it := item{i, i + 1, o.op(i), o.word(i)}
	switch it.op {
	case '(', '[', '{':
		it.to = min(int(o.close[i])+1, hi)
	}
	return it
}

// attribute gives the index behind the attribute that it begins, 0 if it is
// none, and takes note of what matters of it.
func (o *outline) attribute(it item, hi int) int {
	end := it.to
	switch words[it.word] {
	case wAttr:
	case wAttrN:
		if end < hi && o.op(end) == '(' {
			end = o.item(end, hi).to
		}
	default:
		return 0
	}
	switch it.word {
	case "__ksym":
		o.ksym = true
	case "__weak":
		o.proto.Weak = true
	case "SEC":
		o.section(it.to, end)
	}
	return end
}

// section reads the string of SEC("...").
func (o *outline) section(from, to int) {
	for i := from; i < to && o.proto.Section == ""; i++ {
		if t := o.toks[i]; t.kind == tString {
			at := cindex.Span{Start: int(t.start) + 1, End: max(int(t.end)-1, int(t.start)+1)}
			if o.text[t.end-1] != '"' || at.End == int(t.end) {
				at.End = int(t.end)
			}
			o.proto.Section, o.proto.SectionSpan = o.text[at.Start:at.End], at
		}
	}
}

// run reads the declarations of the piece.
func (o *outline) run() {
	hi := len(o.toks)
	for hi > 0 && o.op(hi-1) == ';' {
		hi--
	}
	o.proto.Span = o.span(0, len(o.toks))
	its := o.leading(o.items(0, hi))
	o.proto.Static = hasStatic(its)
	switch {
	case len(its) == 0 || its[0].word == "" || stray(its[0].word):
		o.declare(KindOther, -1)
	case len(its) <= 2 && (len(its) == 1 || its[1].op == '('):
		o.invocation(its)
	default:
		o.declarations(its)
	}
}

// stray tells whether a word begins a statement that lost its function.
func stray(w string) bool {
	return words[w] == wStmt || words[w] == wAsm || words[w] == wOper
}

func hasStatic(its []item) bool {
	for _, it := range its {
		if it.op != 0 {
			break
		}
		if it.word == "static" {
			return true
		}
	}
	return false
}

// leading drops macros with arguments that stand before a declaration, as in
// `private(A) struct x *p;`.
func (o *outline) leading(its []item) []item {
	var kept []item // storage classes and attributes among them
	for len(its) > 2 {
		w := its[0].word
		switch {
		case w != "" && words[w] == 0 && its[1].op == '(' && its[2].word != "":
			o.dropWord(its[0])
			o.blank(its[1].from, its[1].to)
			its = its[2:]
		case words[w] == wStorage || underscored(w) && its[1].word != "":
			kept = append(kept, its[0])
			its = its[1:]
		default:
			return append(kept, its...)
		}
	}
	return append(kept, its...)
}

// declare adds a declaration whose name is token i, -1 for none.
func (o *outline) declare(kind Kind, i int) *Decl {
	d := o.proto
	d.Kind, d.Name = kind, o.word(i)
	if d.Name != "" {
		d.NameSpan = o.span(i, i+1)
	}
	o.decls = append(o.decls, d)
	return &o.decls[len(o.decls)-1]
}

// invocation reads `MACRO(...)`: it defines an ops table if its arguments are
// a name and designated members, whatever it is called.
func (o *outline) invocation(its []item) {
	d := o.declare(KindOther, its[0].from)
	if len(its) < 2 {
		return
	}
	open := its[1].from
	if o.word(open+1) == "" || o.op(open+2) != ',' || o.op(open+3) != '.' {
		return
	}
	d.Kind, d.Name, d.NameSpan = KindTable, o.word(open+1), o.span(open+1, open+2)
	d.Wrapper = its[0].word
	if strings.HasPrefix(d.Wrapper, "SCX_OPS_") {
		d.Type, d.Section = "sched_ext_ops", ".struct_ops.link"
	}
	d.Body = cindex.Span{Start: int(o.toks[open+2].end), End: o.endOf(open)}
	d.Inits = o.inits(open+3, int(o.close[open]))
	o.table = open
	o.macros = append(o.macros, its[0].from)
}

// endOf gives the offset where the content of a bracket ends.
func (o *outline) endOf(open int) int {
	if i := int(o.close[open]); i < len(o.toks) {
		return int(o.toks[i].start)
	}
	return int(o.toks[len(o.toks)-1].end)
}
