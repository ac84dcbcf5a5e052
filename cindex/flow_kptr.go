package cindex

// kptrs gives the fields that hold kptrs of the struct whose body begins here.
func (p *parser) kptrs() []string {
	var out []string
	end := p.behind(p.i)
	for i := p.i; i < end; i++ {
		if p.toks[i].text != "btf_type_tag" || i+2 >= end || p.toks[i+2].text != `"kptr"` {
			continue
		}
		for ; i < end && !p.toks[i].is(pSemi); i++ {
		}
		if n := &p.toks[i-1]; n.kind == tIdent {
			out = append(out, n.text)
		}
	}
	return out
}

// Kptr tells whether a field of a struct, or a global variable when typ is "",
// holds a kptr: a pointer of the kernel's that bpf_kptr_xchg puts there.
func (u *Unit) Kptr(typ, name string) bool {
	return u.own != nil && u.own.res.kptr(typ, name)
}

func (r *fileResult) kptr(typ, name string) bool {
	for _, it := range r.items {
		if it.nested != nil && it.nested.kptr(typ, name) || it.nested == nil && it.facts.kptr(typ, name) {
			return true
		}
	}
	return false
}

func (f *facts) kptr(typ, name string) bool {
	if typ == "" {
		for i := range f.vars {
			if f.vars[i].kptr && f.vars[i].name == name {
				return true
			}
		}
		return false
	}
	for i := range f.tags {
		if f.tags[i].name != typ {
			continue
		}
		for _, k := range f.tags[i].kptrs {
			if k == name {
				return true
			}
		}
	}
	return false
}
