package cindex

// A substitution is the replacement of one macro call by the macro's body.
type substitution struct {
	x    *expander
	m    *macro
	args [][]ptok // as written
	full [][]ptok // expanded, once asked for
	done []bool
	use  ptok
	via  *viaNode
}

// arg gives an argument as written, nil when it was left out.
func (s *substitution) arg(i int) []ptok {
	if i < len(s.args) {
		return s.args[i]
	}
	return nil
}

// expanded gives an argument with its own macros expanded.
func (s *substitution) expanded(i int) []ptok {
	if i >= len(s.args) {
		return nil
	}
	if !s.done[i] {
		s.done[i] = true
		s.full[i] = s.x.list(s.args[i])
	}
	return s.full[i]
}

// rest tells whether anything was passed for the "..." of the macro.
func (s *substitution) rest() bool {
	n := len(s.m.params) - 1
	return n < len(s.args) && len(s.args[n]) > 0
}

// body appends the tokens i to end of the body.
func (s *substitution) body(out []ptok, i, end int) []ptok {
	for i < end && s.x.budget > 0 {
		t := s.m.body[i]
		if t.kind == tPunct && s.m.function && t.hash == pHash && i+1 < end && s.m.args[i+1] >= 0 {
			out = append(out, s.own(t, stringify(s.arg(int(s.m.args[i+1]))), tString))
			i += 2
			continue
		}
		if t.kind == tPunct && t.hash == pPaste && len(out) > 0 && i+1 < end {
			out, i = s.paste(out, i+1, end)
			continue
		}
		out, i = s.one(out, i, end)
		s.x.budget--
	}
	return out
}

// one appends what body token i stands for.
func (s *substitution) one(out []ptok, i, end int) ([]ptok, int) {
	t := s.m.body[i]
	switch a := s.m.args[i]; {
	case a == argVaOpt:
		return s.vaOpt(out, i, end)
	case a < 0:
		return append(out, s.own(t, s.m.text(t), t.kind)), i + 1
	case i+1 < end && s.m.body[i+1].kind == tPunct && s.m.body[i+1].hash == pPaste:
		raw := s.arg(int(a))
		if len(raw) == 0 { // a placemarker: what is pasted to it stays alone
			return s.afterEmpty(out, i+2, end)
		}
		return appendArg(out, raw, t), i + 1
	default:
		full := s.expanded(int(a))
		s.x.budget -= len(full)
		return appendArg(out, full, t), i + 1
	}
}

// afterEmpty appends the right side of a ## whose left side is empty.
func (s *substitution) afterEmpty(out []ptok, i, end int) ([]ptok, int) {
	if i >= end {
		return out, i
	}
	if a := s.m.args[i]; a >= 0 {
		more := i+1 < end && s.m.body[i+1].kind == tPunct && s.m.body[i+1].hash == pPaste
		if raw := s.arg(int(a)); len(raw) > 0 || !more {
			return appendArg(out, raw, s.m.body[i]), i + 1
		}
		return s.afterEmpty(out, i+2, end)
	}
	return s.one(out, i, end)
}

// paste joins the last token of out with what body token i stands for.
func (s *substitution) paste(out []ptok, i, end int) ([]ptok, int) {
	t := s.m.body[i]
	a := s.m.args[i]
	last := &out[len(out)-1]
	if a >= 0 && s.m.variadic && int(a) == len(s.m.params)-1 && last.is(pComma) {
		// The comma of ", ## args" goes away with the arguments.
		if !s.rest() {
			return out[:len(out)-1], i + 1
		}
		return appendArg(out, s.expanded(int(a)), t), i + 1
	}
	right := []ptok{s.own(t, "", t.kind)}
	switch {
	case a >= 0:
		right = s.arg(int(a))
	case a == argVaOpt:
		right, i = s.vaOpt(nil, i, end)
		i--
	default:
		right[0].text = s.m.text(t)
	}
	if len(right) == 0 {
		return out, i + 1
	}
	*last = s.join(last, &right[0])
	return append(out, right[1:]...), i + 1
}

// maxWord bounds what ## can make.
const maxWord = 4096

// join makes one token of two.
func (s *substitution) join(a, b *ptok) ptok {
	t := ptok{text: a.text + b.text, via: s.via, start: s.use.start, end: s.use.end, kind: a.kind, flags: a.flags &^ fNoExp}
	if len(t.text) > maxWord {
		t.text = t.text[:maxWord]
	}
	switch t.kind {
	case tIdent:
		t.hash = identHash(t.text)
	case tPunct:
		t.hash = punct(t.text)
	}
	return t
}

// vaOpt appends the content of __VA_OPT__( ) when the macro got more arguments.
func (s *substitution) vaOpt(out []ptok, i, end int) ([]ptok, int) {
	i++
	if i >= end || s.m.body[i].kind != tPunct || s.m.body[i].hash != pLParen {
		return out, i
	}
	depth, j := 0, i
	for ; j < end; j++ {
		if b := s.m.body[j]; b.kind == tPunct {
			switch b.hash {
			case pLParen:
				depth++
			case pRParen:
				depth--
			}
		}
		if depth == 0 {
			break
		}
	}
	if s.rest() {
		out = append(out, s.body(nil, i+1, min(j, end))...)
	}
	return out, j + 1
}

// own makes a token of the macro's body; the author sees it at the macro's use.
func (s *substitution) own(t token, text string, kind tokKind) ptok {
	flags := t.flags&fSpace | s.use.flags&fSecond
	return ptok{text: text, via: s.via, start: s.use.start, end: s.use.end, hash: t.hash, kind: kind, flags: flags}
}

func appendArg(out, arg []ptok, at token) []ptok {
	n := len(out)
	out = append(out, arg...)
	if n < len(out) {
		out[n].flags = out[n].flags&^fSpace | at.flags&fSpace
	}
	for ; n < len(out); n++ {
		out[n].flags = out[n].flags&^(fBOL|fCol0) | fArg
	}
	return out
}
