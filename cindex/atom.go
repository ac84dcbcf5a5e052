package cindex

import "strings"

// opaque names are not expanded as macros: the parser knows what they mean.
var opaque = map[string]bool{
	"bpf_ksym_exists": true, "bpf_core_type_exists": true, "bpf_core_field_exists": true,
	"bpf_core_enum_value_exists": true, "LINUX_KERNEL_VERSION": true,
}

// atom reads a condition that libbpf or the loader answers. The parser stands
// behind the name t.
func (p *parser) atom(t *ptok) (*Expr, bool) {
	if t.text == "LINUX_KERNEL_VERSION" {
		return &Expr{Op: OpKernelVer}, true
	}
	if !opaque[t.text] || !p.peek().is(pLParen) {
		return nil, false
	}
	start := p.i
	p.skipGroup()
	args := splitArgs(p.toks[start+1 : max(p.i-1, start+1)])
	if len(args) == 0 {
		return nil, true
	}
	switch t.text {
	case "bpf_ksym_exists":
		if a := uncast(args[0]); len(a) > 0 && a[len(a)-1].kind == tIdent {
			return &Expr{Op: OpKsymExists, Name: a[len(a)-1].text}, true
		}
	case "bpf_core_type_exists":
		return &Expr{Op: OpTypeExists, Type: spellType(args[0])}, true
	case "bpf_core_enum_value_exists":
		if len(args) == 2 {
			return &Expr{Op: OpEnumExists, Type: spellType(args[0]), Name: spell(args[1])}, true
		}
	case "bpf_core_field_exists":
		return p.fieldExists(args), true
	}
	return nil, true
}

// splitArgs cuts tokens at the commas outside of brackets.
func splitArgs(toks []ptok) [][]ptok {
	var out [][]ptok
	depth, from := 0, 0
	for i := 0; i <= len(toks); i++ {
		if i == len(toks) || depth == 0 && toks[i].is(pComma) {
			if from < i {
				out = append(out, toks[from:i])
			}
			from = i + 1
			continue
		}
		if t := &toks[i]; t.kind == tPunct {
			switch t.hash {
			case pLParen, pLBrack, pLBrace:
				depth++
			case pRParen, pRBrack, pRBrace:
				depth--
			}
		}
	}
	return out
}

// fieldExists understands (struct s, f), (p->f), (x.f) and ((struct s *)0)->f.
func (p *parser) fieldExists(args [][]ptok) *Expr {
	if len(args) == 2 {
		return &Expr{Op: OpFieldExists, Type: spellType(args[0]), Name: spell(args[1])}
	}
	toks := args[0]
	n := 0
	for n < len(toks) && !toks[n].is(pArrow) && !toks[n].is(pDot) {
		if toks[n].is(pLParen) {
			sub := parser{toks: toks}
			n = sub.behind(n)
			continue
		}
		n++
	}
	if n == 0 || n >= len(toks)-1 {
		return nil
	}
	base := toks[:n]
	for len(base) > 2 && base[0].is(pLParen) && (&parser{toks: base}).behind(0) == len(base) {
		base = base[1 : len(base)-1]
	}
	typ := ""
	if len(base) == 1 {
		if l, ok := p.locals[base[0].text]; ok {
			if typ = l.typ; l.end > 0 {
				typ = spellType(p.plain(l.specs, l.end))
			}
		}
	} else if base[0].is(pLParen) { // a cast
		if end := (&parser{toks: base}).behind(0); end < len(base) {
			typ = spellType(base[1 : end-1])
		}
	}
	typ = strings.TrimSpace(strings.TrimRight(strings.TrimPrefix(typ, "const "), "* "))
	if typ == "" {
		return nil
	}
	return &Expr{Op: OpFieldExists, Type: typ, Name: strings.ReplaceAll(spell(toks[n+1:]), " ", "")}
}

// A callbackArg is where a helper or kfunc takes a function.
type callbackArg struct {
	arg  int
	kind CallKind
}

var callbackArgs = map[string]callbackArg{
	"bpf_loop":                           {1, CallSync},
	"bpf_for_each_map_elem":              {1, CallSync},
	"bpf_find_vma":                       {2, CallSync},
	"bpf_user_ringbuf_drain":             {1, CallSync},
	"bpf_rbtree_add":                     {2, CallSync},
	"bpf_rbtree_add_impl":                {2, CallSync},
	"bpf_timer_set_callback":             {1, CallTimer},
	"bpf_wq_set_callback":                {1, CallWork},
	"bpf_wq_set_callback_impl":           {1, CallWork},
	"bpf_task_work_schedule_signal":      {3, CallWork},
	"bpf_task_work_schedule_signal_impl": {3, CallWork},
	"bpf_task_work_schedule_resume":      {3, CallWork},
	"bpf_task_work_schedule_resume_impl": {3, CallWork},
}

// callbacks notes the functions that a call hands to a helper.
func (p *parser) callbacks(t *ptok, args []*Expr) {
	cb, ok := callbackArgs[t.text]
	if !ok || cb.arg >= len(args) {
		return
	}
	switch e := args[cb.arg]; {
	case e == nil || p.fn == nil:
	case e.Op == opName, e.Op == opAddr:
		c := rawCall{callee: e.Name, at: t.span(), kind: cb.kind, helper: t.text, via: t.via}
		p.call(c, t)
	case e.Op == OpParam && p.silent == 0:
		p.fn.pcalls = append(p.fn.pcalls, paramCall{int(e.Int), cb.kind, t.text})
	}
}
