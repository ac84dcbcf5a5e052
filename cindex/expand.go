package cindex

import "strings"

// Limits of macro expansion: what goes beyond them is left as it is written.
const (
	maxFrames   = 400     // macros inside of macros
	maxArgDepth = 60      // arguments inside of arguments
	minBudget   = 400_000 // tokens that one piece may take, plus 64 for each of its own
)

// An expander preprocesses one piece: macros, and the directives that stand in
// the middle of a declaration. It works like a compiler's preprocessor: a
// stack of token lists that are still to be read, where a macro cannot expand
// while its own list is on the stack.
type expander struct {
	env      *env
	defined  *nameSet // of the file
	piece    *piece
	pos      int  // next token of the piece
	ahead    ptok // read already, to see what comes
	hasAhead bool
	frames   []frame
	floor    int // frames below are out of reach: an argument is expanded on its own
	argd     int // arguments inside of arguments; the piece is out of reach then
	budget   int

	conds   []chain
	flip    bool // take the arms that need something from the build
	unknown bool // such an arm was met
	effects bool // a directive changed the env

	asked    questions
	askedAbs bool // the file's own names were asked for
	has      func(spec string, system bool) bool

	slab []ptok // room for token lists, which all die with the piece
	args []ptok // scratch of arguments
	cuts []int
}

// room gives an empty list with space for n tokens.
func (x *expander) room(n int) []ptok {
	if n > cap(x.slab)-len(x.slab) {
		x.slab = make([]ptok, 0, max(n, 4096))
	}
	at := len(x.slab)
	x.slab = x.slab[:at+n]
	return x.slab[at : at : at+n]
}

type frame struct {
	toks []ptok
	i    int
	m    *macro
}

func (x *expander) reset(e *env, defined *nameSet, p *piece, flip bool) {
	x.env, x.defined, x.piece, x.flip = e, defined, p, flip
	x.pos, x.hasAhead, x.frames, x.floor, x.argd = 0, false, x.frames[:0], 0, 0
	x.conds, x.unknown, x.effects, x.askedAbs = x.conds[:0], false, false, false
	x.budget = minBudget + 64*len(p.toks)
	x.slab = x.slab[:0]
	x.asked.clear()
}

// expand gives the piece's tokens after preprocessing.
func (x *expander) expand(out []ptok) []ptok {
	for {
		t, ok := x.next()
		if !ok {
			return out
		}
		if t.kind == tIdent && t.flags&fNoExp == 0 {
			entered, blocked := x.enter(t)
			if entered {
				continue
			}
			if blocked {
				t.flags |= fNoExp
			}
		}
		out = append(out, t)
	}
}

// lookup asks the env, and notes the question. Tombstones are no macros.
func (x *expander) lookup(hash uint32, name string) *macro {
	m := x.ask(hash, name)
	if m != nil && m.undef {
		return nil
	}
	return m
}

// questions are what a piece asked the env for, with the answers. Some may be
// in it twice.
type questions struct {
	list   []dep
	recent [256]int32 // index in list plus one, by hash
}

func (q *questions) clear() {
	q.list = q.list[:0]
	clear(q.recent[:])
}

// ask asks the env and notes the question.
func (x *expander) ask(hash uint32, name string) *macro {
	q := &x.asked
	at := &q.recent[(hash^hash>>8)&255]
	if i := *at; i > 0 {
		if d := &q.list[i-1]; d.hash == hash && d.name == name {
			return d.m
		}
	}
	m := x.env.get(hash, name)
	q.list = append(q.list, dep{name, hash, m})
	*at = int32(len(q.list))
	return m
}

// next takes the next token that is to be looked at.
func (x *expander) next() (ptok, bool) {
	for len(x.frames) > x.floor {
		f := &x.frames[len(x.frames)-1]
		if f.i < len(f.toks) {
			f.i++
			return f.toks[f.i-1], true
		}
		x.frames = x.frames[:len(x.frames)-1]
	}
	if x.argd > 0 {
		return ptok{}, false
	}
	if x.hasAhead {
		x.hasAhead = false
		return x.ahead, true
	}
	return x.read()
}

// read takes the next token of the piece itself.
func (x *expander) read() (ptok, bool) {
	for x.pos < len(x.piece.toks) {
		t := x.piece.toks[x.pos]
		x.pos++
		if t.kind == tDirective {
			x.directive(x.piece.dirs[t.hash])
			continue
		}
		arm := x.arm()
		if arm == armOff {
			continue
		}
		p := ptok{
			text: x.piece.text(t), start: t.start, end: t.end,
			hash: t.hash, kind: t.kind, flags: t.flags,
		}
		if arm == armSecond {
			p.flags |= fSecond
		}
		return p, true
	}
	return ptok{}, false
}

// parenNext tells whether the next token is an opening parenthesis.
func (x *expander) parenNext() bool {
	for i := len(x.frames) - 1; i >= x.floor; i-- {
		if f := &x.frames[i]; f.i < len(f.toks) {
			return f.toks[f.i].is(pLParen)
		}
	}
	if x.argd > 0 {
		return false
	}
	if !x.hasAhead {
		if x.ahead, x.hasAhead = x.read(); !x.hasAhead {
			return false
		}
	}
	return x.ahead.is(pLParen)
}

func (x *expander) disabled(m *macro) bool {
	for i := range x.frames {
		if x.frames[i].m == m {
			return true
		}
	}
	return false
}

// enter expands the macro that t names: its tokens are read next. It does not
// when t stays as it is; blocked tells that it must stay so for good. (A token
// is passed by value: there are many, and a pointer would put each on the
// heap.)
func (x *expander) enter(t ptok) (entered, blocked bool) {
	m := x.lookup(t.hash, t.text)
	if m == nil || m.opaque {
		return false, false
	}
	if x.disabled(m) {
		return false, true
	}
	if x.budget <= 0 || len(x.frames) >= maxFrames {
		return false, false
	}
	var args [][]ptok
	if m.function {
		if !x.parenNext() {
			return false, false
		}
		x.next()
		args = x.arguments(m)
	}
	toks := x.substitute(m, t, args)
	x.budget -= len(toks) + 1
	x.frames = append(x.frames, frame{toks: toks, m: m})
	return true, false
}

// arguments reads up to the closing parenthesis.
func (x *expander) arguments(m *macro) [][]ptok {
	buf, cuts := x.args[:0], x.cuts[:0]
	for depth := 0; ; {
		t, ok := x.next()
		x.budget--
		if !ok {
			break
		}
		if t.kind == tPunct {
			switch t.hash {
			case pLParen:
				depth++
			case pRParen:
				depth--
			case pComma:
				rest := m.variadic && len(cuts) >= len(m.params)-1
				if depth == 0 && !rest {
					cuts = append(cuts, len(buf))
					continue
				}
			}
			if depth < 0 {
				break
			}
		} else if t.kind == tIdent && x.isOpen(t.hash, t.text) {
			t.flags |= fNoExp
		}
		buf = append(buf, t)
	}
	x.args, x.cuts = buf, cuts
	if len(m.params) == 0 && len(cuts) == 0 {
		return nil
	}
	all := append(x.room(len(buf)), buf...)
	out := make([][]ptok, 0, len(cuts)+1)
	from := 0
	for _, to := range cuts {
		out = append(out, all[from:to:to])
		from = to
	}
	return append(out, all[from:len(all):len(all)])
}

// isOpen tells whether a name is that of a macro that is being expanded.
func (x *expander) isOpen(hash uint32, name string) bool {
	for i := range x.frames {
		if m := x.frames[i].m; m != nil && m.hash == hash && m.name == name {
			return true
		}
	}
	return false
}

// list expands tokens on their own, as macro arguments are.
func (x *expander) list(toks []ptok) []ptok {
	if len(toks) == 0 || x.argd >= maxArgDepth {
		return toks
	}
	plain := true
	for i := range toks {
		if toks[i].kind == tIdent && toks[i].flags&fNoExp == 0 && x.lookup(toks[i].hash, toks[i].text) != nil {
			plain = false
			break
		}
	}
	if plain {
		return toks
	}
	floor := x.floor
	x.floor = len(x.frames)
	x.frames = append(x.frames, frame{toks: toks})
	x.argd++
	out := x.expand(x.room(len(toks) + 16))
	x.argd--
	x.floor = floor
	return out
}

// substitute gives the body of m with its parameters replaced.
func (x *expander) substitute(m *macro, t ptok, args [][]ptok) []ptok {
	s := substitution{x: x, m: m, args: args, use: t, via: &viaNode{m, t.via}}
	n := len(m.body)
	if len(args) > 0 {
		s.full = make([][]ptok, len(args))
		s.done = make([]bool, len(args))
		for _, a := range args {
			n += len(a)
		}
	}
	out := s.body(x.room(n+4), 0, len(m.body))
	if len(out) > 0 && t.flags&(fBOL|fCol0|fSpace) != 0 {
		out[0].flags |= t.flags & (fBOL | fCol0 | fSpace)
	}
	return out
}

// stringify makes a string literal of an argument.
func stringify(arg []ptok) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range arg {
		if i > 0 && arg[i].flags&fSpace != 0 {
			b.WriteByte(' ')
		}
		s := arg[i].text
		if k := arg[i].kind; k == tString || k == tChar {
			s = strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`)
		}
		b.WriteString(s)
		if b.Len() > 1<<16 {
			break
		}
	}
	b.WriteByte('"')
	return b.String()
}
