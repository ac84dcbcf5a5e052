package syntax

import "github.com/scx-lsp/scx-lsp/cindex"

// split cuts the tokens [lo, hi) at a separator, brackets kept whole, and
// calls f for each part, empty ones included, with the index behind it.
func (o *outline) split(lo, hi int, sep byte, f func(lo, hi int)) {
	hi = min(hi, len(o.toks))
	from := lo
	for i := lo; i < hi; {
		if o.op(i) == sep {
			f(from, i)
			from = i + 1
		}
		i = o.item(i, hi).to
	}
	if from < hi {
		f(from, hi)
	}
}

// inside gives the tokens between the brackets of an item.
func (o *outline) inside(it item) (lo, hi int) {
	return it.from + 1, min(int(o.close[it.from]), len(o.toks))
}

// params reads the parameters of a function. With pairs, types and names are
// arguments of their own (BPF_PROG2).
func (o *outline) params(lo, hi int, pairs bool) []Param {
	var out []Param
	o.split(lo, hi, ',', func(lo, hi int) {
		if hi-lo == 1 && (o.word(lo) == "void" || o.op(lo) == opDots) || lo == hi {
			return
		}
		if n := len(out); pairs && n > 0 && out[n-1].Name == "" && hi-lo == 1 {
			out[n-1].Name, out[n-1].NameSpan = o.word(lo), o.span(lo, hi)
			return
		}
		out = append(out, o.param(lo, hi))
	})
	return out
}

func (o *outline) param(lo, hi int) Param {
	its := o.items(lo, hi)
	at := o.nameOf(its)
	s := o.head(its)
	p := Param{TypeSpan: o.typeSpan(its, s, hi)}
	if at >= 0 {
		p.Name, p.NameSpan = o.word(at), o.span(at, at+1)
		p.TypeSpan = o.typeSpan(its, s, at)
	}
	return p
}

// nameOf gives the token of the name that a parameter or field declares.
func (o *outline) nameOf(its []item) int {
	s := o.head(its)
	if s.name >= 0 {
		return its[s.name].from
	}
	if s.stop < len(its) && its[s.stop].op == '(' {
		for i := its[s.stop].from + 1; i < its[s.stop].to; i++ {
			if w := o.word(i); w != "" && words[w] == 0 {
				return i
			}
		}
	}
	return -1
}

// fields reads the fields of a struct or union. Those of an anonymous struct
// inside of it count as its own.
func (o *outline) fields(body item) []Member {
	var out []Member
	lo, hi := o.inside(body)
	o.split(lo, hi, ';', func(lo, hi int) {
		out = append(out, o.field(lo, hi)...)
	})
	return out
}

func (o *outline) field(lo, hi int) []Member {
	its := o.items(lo, hi)
	if len(its) == 0 {
		return nil
	}
	if len(its) >= 2 && its[0].word != "" && its[1].op == '(' && o.op(its[1].from+1) != '*' && words[its[0].word] == 0 {
		return o.macroField(its)
	}
	s := o.head(its)
	o.unnamedBits(its, s)
	o.behind(its, s.stop)
	var inner []Member
	if s.body >= 0 {
		inner = o.fields(its[s.body])
		if s.kind == KindEnum {
			inner = o.constants(its[s.body])
		}
	}
	at := o.nameOf(its)
	if at < 0 {
		return inner
	}
	out := []Member{{o.word(at), o.span(at, at+1), o.typeSpan(its, s, at)}}
	for i := s.stop; i+1 < len(its); i++ { // u64 a, *b;
		if its[i].op == ',' {
			if n := o.next(its[i+1:]); n.name >= 0 {
				k := its[i+1+n.name].from
				out = append(out, Member{o.word(k), o.span(k, k+1), out[0].TypeSpan})
			}
		}
	}
	return out
}

// unnamedBits blanks the width of a bit field without a name.
func (o *outline) unnamedBits(its []item, s seg) {
	if k := s.stop; s.name < 0 && s.lone < 0 && k+1 < len(its) && its[k].op == ':' {
		o.blank(its[k].from, its[len(its)-1].to)
	}
}

// macroField reads a field that a macro declares: __uint(type, X). The C
// grammar must not see it, nor the semicolon behind it.
func (o *outline) macroField(its []item) []Member {
	end := its[len(its)-1].to
	o.blank(its[0].from, end+1)
	o.macros = append(o.macros, its[0].from)
	var parts []cindex.Span
	name := ""
	lo, hi := o.inside(its[1])
	o.split(lo, hi, ',', func(lo, hi int) {
		if len(parts) == 0 && hi-lo == 1 {
			name = o.word(lo)
		}
		parts = append(parts, o.span(lo, hi))
	})
	if name == "" || len(parts) == 0 {
		return nil
	}
	m := Member{Name: name, NameSpan: parts[0]}
	if len(parts) > 1 {
		m.TypeSpan = cindex.Span{Start: parts[1].Start, End: parts[len(parts)-1].End}
	}
	return []Member{m}
}

// constants reads the constants of an enum.
func (o *outline) constants(body item) []Member {
	var out []Member
	lo, hi := o.inside(body)
	o.split(lo, hi, ',', func(lo, hi int) {
		if w := o.word(lo); w != "" && !isKeyword(w) && hi > lo {
			m := Member{Name: w, NameSpan: o.span(lo, lo+1)}
			if o.op(lo+1) == '=' {
				m.TypeSpan = o.span(lo+2, hi)
			}
			out = append(out, m)
		}
	})
	return out
}

// inits reads the designated initialisers of an ops table. A dot at the start
// of a line begins one even when the comma before it was forgotten.
func (o *outline) inits(lo, hi int) []Init {
	var out []Init
	o.split(lo, hi, ',', func(lo, hi int) {
		from := lo
		for i := lo + 1; i < hi; i++ {
			if o.op(i) == '.' && o.firstOnLine(i) {
				out = o.addInit(out, from, i)
				from = i
			}
		}
		out = o.addInit(out, from, hi)
	})
	return out
}

func (o *outline) firstOnLine(i int) bool {
	if i == 0 {
		return true
	}
	for k := int(o.toks[i].start) - 1; k >= int(o.toks[i-1].end); k-- {
		if o.text[k] == '\n' {
			return true
		}
	}
	return false
}

func (o *outline) addInit(out []Init, lo, hi int) []Init {
	if lo >= hi || o.op(lo) != '.' {
		return out
	}
	in := Init{Span: o.span(lo, hi)}
	at := int(o.toks[lo].end)
	in.MemberSpan = cindex.Span{Start: at, End: at}
	i := lo + 1
	if w := o.word(i); w != "" && i < hi {
		in.Member, in.MemberSpan = w, o.span(i, i+1)
		i++
	}
	if o.op(i) == '=' && i < hi {
		in.ValueSpan = o.span(i+1, hi)
		if k := o.funcOf(i+1, hi); k >= 0 {
			in.Func, in.FuncSpan = o.word(k), o.span(k, k+1)
		}
	}
	return append(out, in)
}

// funcOf gives the token of the only name in a value, past casts to pointers,
// `&` and parentheses.
func (o *outline) funcOf(lo, hi int) int {
	for lo < hi {
		switch {
		case o.op(lo) == '(' && int(o.close[lo]) == hi-1:
			lo, hi = lo+1, hi-1
		case o.op(lo) == '(':
			lo = int(o.close[lo]) + 1
		case o.op(lo) == '&':
			lo++
		case hi-lo == 1 && o.word(lo) != "" && !isKeyword(o.word(lo)) && o.word(lo) != "NULL":
			return lo
		default:
			return -1
		}
	}
	return -1
}
