package syntax

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A seg is the head of a declaration: the words before brackets, commas and
// values. Indexes are into the items it was made of, -1 for none.
type seg struct {
	name int // the declared name
	word int // the last word that names a type by itself
	lone int // a word that is a type or, before parentheses, a name
	tag  int // the tag of a struct, union or enum
	body int // the braces of one
	stop int // the first item that is not part of the head
	kind Kind
}

// head reads the words at the front of its. What looks like an attribute but
// may be a name, `__x`, is a name when the type would have none without it.
func (o *outline) head(its []item) seg {
	s := seg{-1, -1, -1, -1, -1, len(its), KindOther}
	nouns, cand := 0, -1
	var maybe []int
	i := 0
scan:
	for ; i < len(its); i++ {
		it := its[i]
		switch c := words[it.word]; {
		case it.op == '*':
			cand = -1
		case it.op != 0 || it.word == "":
			break scan
		case c == wStorage:
		case c == wTypeof:
			nouns++
			if i+1 < len(its) && its[i+1].op == '(' {
				i++
			}
		case c == wTag:
			nouns++
			i = o.tag(its, i, &s)
		case c == wType:
			if i == 0 || words[its[i-1].word] != wType {
				nouns++
			}
			if cand = -1; !primitive[it.word] {
				s.word = i
			}
		case underscored(it.word), shouting(it.word) && (i+1 == len(its) || its[i+1].op == 0):
			maybe = append(maybe, i)
		default:
			nouns++
			cand = i
		}
	}
	s.stop = i
	o.settle(its, &s, nouns, cand, maybe)
	return s
}

// settle decides which words are attributes: those that may be one are, if a
// type and a name remain without them.
func (o *outline) settle(its []item, s *seg, nouns, cand int, maybe []int) {
	spare := len(maybe)
	switch {
	case nouns > 1:
		s.name = cand
	case nouns == 1 && spare > 0 && maybe[spare-1] > cand: // u64 __x
		s.name = maybe[spare-1]
		spare--
	case nouns == 1 && spare > 0: // FOO x
		s.name = cand
		spare--
	case nouns == 1:
		s.lone = cand
	case spare > 1: // FOO __x
		s.name = maybe[spare-1]
		spare -= 2
	case spare == 1:
		s.lone = maybe[0]
		spare = 0
	}
	for _, m := range maybe[:spare] {
		o.dropWord(its[m])
		if m+1 < len(its) && m+1 == s.stop && its[m+1].op == '(' {
			s.stop++ // head __contains(foo, node)
			o.blank(its[m+1].from, its[m+1].to)
		}
	}
}

// dropWord takes a word for a macro that the C grammar must not see.
func (o *outline) dropWord(it item) {
	if o.drops[it.from] {
		return
	}
	if o.drops == nil {
		o.drops = map[int]bool{}
	}
	o.drops[it.from] = true
	o.blank(it.from, it.to)
	o.macros = append(o.macros, it.from)
}

// tag reads a struct, union or enum with its tag and braces; it gives the
// index of the last item of it.
func (o *outline) tag(its []item, i int, s *seg) int {
	s.kind = map[string]Kind{"struct": KindStruct, "union": KindUnion, "enum": KindEnum}[its[i].word]
	if i+1 < len(its) && its[i+1].word != "" && !isKeyword(its[i+1].word) {
		i++
		s.tag = i
	}
	if i+3 < len(its) && s.kind == KindEnum && its[i+1].op == ':' && its[i+3].op == '{' {
		o.blank(its[i+1].from, its[i+2].to) // enum x : u32 {
		i += 2
	}
	if i+1 < len(its) && its[i+1].op == '{' {
		i++
		s.body = i
	}
	return i
}

// declarations reads what is neither a directive nor an invocation.
func (o *outline) declarations(its []item) {
	s := o.head(its)
	if s.body >= 0 || s.tag >= 0 && s.tag == len(its)-1 {
		o.aggregate(its, s)
	}
	typedef := its[0].word == "typedef"
	if typedef && s.name < 0 && s.word > 0 {
		s.name = s.word // typedef unsigned int u32;
	}
	for first := true; ; first = false {
		n := o.declarator(its, s, typedef, first)
		if k := len(o.decls); k > 1 && !first && o.decls[k-1].TypeSpan == (cindex.Span{}) {
			o.decls[k-1].TypeSpan = o.decls[k-2].TypeSpan // u64 a, b;
		}
		if n >= len(its) || its[n].op != ',' {
			break
		}
		its = its[n+1:]
		kind := s.kind
		s = o.next(its)
		s.kind = kind
	}
	if len(o.decls) == 0 {
		o.declare(KindOther, -1)
	}
}

// next reads the head of a further declarator, which has no type.
func (o *outline) next(its []item) seg {
	s := o.head(its)
	if s.name < 0 {
		s.name = s.lone
	}
	s.tag, s.body = -1, -1
	return s
}

// aggregate declares a struct, union or enum.
func (o *outline) aggregate(its []item, s seg) {
	name := -1
	if s.tag >= 0 {
		name = its[s.tag].from
	}
	if name < 0 && s.kind != KindEnum {
		return // its variable or typedef shows the fields
	}
	d := o.declare(s.kind, name)
	if s.body < 0 {
		return // struct x;
	}
	d.Body = o.span(its[s.body].from, its[s.body].to)
	if s.kind == KindEnum {
		d.Members = o.constants(its[s.body])
	} else {
		d.Members = o.fields(its[s.body])
	}
}

// declarator declares one name and gives the index of the item behind it.
func (o *outline) declarator(its []item, s seg, typedef, first bool) int {
	i, params := s.stop, item{}
	name := s.name
	switch {
	case i < len(its) && its[i].op == '(' && o.op(its[i].from+1) == '*':
		return o.pointer(its, s, typedef)
	case i < len(its) && its[i].op == '(':
		if name < 0 {
			name = s.lone
		}
		params = its[i]
		i++
	case name < 0 && s.body < 0 && s.lone >= 0 && !first:
		name = s.lone
	}
	end := o.skipTrailer(its, i)
	if name < 0 {
		return end
	}
	switch at := its[name].from; {
	case typedef:
		o.typedef(its, s, at)
	case params.op != 0:
		return o.function(its, s, at, params, end)
	default:
		o.variable(its, s, at, end)
	}
	for end < len(its) && its[end].op != ',' {
		end++
	}
	return end
}

// skipTrailer passes dimensions, bit widths and macros behind a declarator.
func (o *outline) skipTrailer(its []item, i int) int {
	for ; i < len(its); i++ {
		switch it := its[i]; {
		case it.op == '[':
		case it.word != "" && words[it.word] == 0:
			o.dropWord(it)
			if i+1 < len(its) && its[i+1].op == '(' {
				i++
				o.blank(its[i].from, its[i].to)
			}
		default:
			return i
		}
	}
	return i
}

// behind passes the parameters of a declarator and the macros behind it.
func (o *outline) behind(its []item, i int) int {
	for i < len(its) && its[i].op == '(' {
		i++
	}
	return o.skipTrailer(its, i)
}

// pointer declares the x of `int (*x)(...)`.
func (o *outline) pointer(its []item, s seg, typedef bool) int {
	at := -1
	for i := its[s.stop].from + 1; i < its[s.stop].to; i++ {
		if w := o.word(i); w != "" && words[w] == 0 {
			at = i
			break
		}
	}
	end := s.stop + 1
	for end < len(its) && its[end].op != ',' {
		end++
	}
	if at < 0 {
		return end
	}
	if typedef {
		o.typedef(its, s, at)
		return end
	}
	o.variable(its, s, at, end)
	return end
}

func (o *outline) typedef(its []item, s seg, at int) {
	d := o.declare(KindTypedef, at)
	o.bodyOf(d, its, s)
	d.TypeSpan = o.typeSpan(its, s, at)
}

// bodyOf gives a declaration the members of the struct that it is made of.
func (o *outline) bodyOf(d *Decl, its []item, s seg) {
	if s.body >= 0 && (s.tag < 0 || d.Section == ".maps") && s.kind != KindEnum {
		d.Body = o.span(its[s.body].from, its[s.body].to)
		d.Members = o.fields(its[s.body])
	}
}

// typeSpan covers the words of the type before the name at token at.
func (o *outline) typeSpan(its []item, s seg, at int) cindex.Span {
	from, to := -1, -1
	for i, it := range its[:s.stop] {
		if it.from >= at {
			break
		}
		if words[it.word] == wStorage && it.word != "const" && it.word != "volatile" || i == s.name || o.drops[it.from] {
			continue
		}
		if from < 0 {
			from = it.from
		}
		to = it.to
	}
	return o.span(from, to)
}

func (o *outline) variable(its []item, s seg, at, end int) {
	d := o.declare(KindVar, at)
	d.TypeSpan = o.typeSpan(its, s, at)
	o.bodyOf(d, its, s)
	tag := ""
	if s.tag >= 0 {
		tag = its[s.tag].word
	}
	value := end+1 < len(its) && its[end].op == '=' && its[end+1].op == '{'
	switch {
	case o.ksym:
		d.Kind = KindExtern
	case d.Section == ".maps" || strings.HasPrefix(d.Section, "maps"):
		d.Kind = KindMap
	case value && (strings.HasPrefix(d.Section, ".struct_ops") || s.kind == KindStruct && opsType(tag)):
		d.Kind, d.Type = KindTable, tag
		b := its[end+1]
		d.Body = o.span(b.from, b.to)
		d.Inits = o.inits(b.from+1, int(o.close[b.from]))
		return
	}
	if value && d.Body == (cindex.Span{}) {
		d.Body = o.span(its[end+1].from, its[end+1].to)
	}
}

// opsType tells whether a struct is one of a struct_ops, flavours included.
func opsType(name string) bool {
	name, _, _ = strings.Cut(name, "___")
	return strings.HasSuffix(name, "_ops")
}

func (o *outline) function(its []item, s seg, at int, params item, end int) int {
	d := o.declare(KindProto, at)
	d.TypeSpan = o.typeSpan(its, s, at)
	from := params.from + 1
	if o.wrapped(params) && shouting(d.Name) {
		d.Wrapper = d.Name
		d.Name, d.NameSpan = o.word(from), o.span(from, from+1)
		o.macros = append(o.macros, at)
		from = min(from+2, params.to)
		if d.TypeSpan == (cindex.Span{}) {
			o.bare = at
		}
	}
	d.Params = o.params(from, int(o.close[params.from]), d.Wrapper == "BPF_PROG2")
	switch {
	case end < len(its) && its[end].op == '{':
		d.Kind, d.Body = KindFunc, o.span(its[end].from, its[end].to)
		end++
	case o.ksym:
		d.Kind = KindExtern
	}
	return end
}

// wrapped tells whether the first argument of a group is a lone name, as in
// BPF_PROG(name, ...).
func (o *outline) wrapped(g item) bool {
	w := o.word(g.from + 1)
	if w == "" || isKeyword(w) || words[w] == wType {
		return false
	}
	next := g.from + 2
	return next >= len(o.toks) || o.op(next) == ',' || o.op(next) == ')' && next == int(o.close[g.from])
}
