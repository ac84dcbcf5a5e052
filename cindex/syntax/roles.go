package syntax

import "sort"

// roles gathers what a tree and the outline say of the identifiers of a piece.
type roles struct {
	p    *piece
	next int // idents before it start before what the walk has reached
}

func newRoles(p *piece) *roles { return &roles{p: p} }

// find gives the identifier that starts at an offset, -1 if none does. Walks
// ask in the order of the text.
func (r *roles) find(start uint32) int {
	ids := r.p.idents
	if r.next > 0 && r.next <= len(ids) && ids[r.next-1].start > start {
		r.next = sort.Search(len(ids), func(i int) bool { return ids[i].start >= start })
	}
	for r.next < len(ids) && ids[r.next].start < start {
		r.next++
	}
	if r.next < len(ids) && ids[r.next].start == start {
		return r.next
	}
	return -1
}

// set gives the identifier at an offset its role.
func (r *roles) set(start uint32, role Role) {
	if i := r.find(start); i >= 0 {
		r.p.idents[i].role = role
	}
}

// finish lets the outline correct the tree, and guesses what neither knows.
func (r *roles) finish(o *outline) {
	for _, i := range o.macros {
		r.set(o.toks[i].start, RoleMacro)
	}
	for i := range o.decls {
		r.declared(&o.decls[i])
	}
	depth := 0
	for i, t := range o.toks {
		switch {
		case t.op == '{':
			depth++
		case t.op == '}':
			depth--
		case t.kind == tWord:
			if k := r.find(t.start); k >= 0 {
				id := &r.p.idents[k]
				id.role = r.correct(o, i, id.role, depth)
			}
		}
	}
	for i := range r.p.idents { // arms that take no part in the structure
		if id := &r.p.idents[i]; id.role == unset {
			id.role = r.guess(*id)
		}
	}
}

// correct gives the role of the word at token i. Where the tree has errors, a
// call may look like a declaration or like nothing at all; masked types look
// like variables.
func (r *roles) correct(o *outline, i int, role Role, depth int) Role {
	before, next := o.at(i-1), o.at(i+1)
	switch {
	case role == unset:
		return loose(o.text, before, o.toks[i], next)
	case role == RoleOther && words[o.word(i-1)] == wTag:
		return RoleType
	case next.op != '(' || role == RoleCall || role == RoleField || role == RoleMacro || !callable(o.word(i)):
		return role
	case role == RoleOther:
		return RoleCall
	case len(r.p.errs) > 0 && depth > 0 && (before.kind == tPunct && before.op != '*' || o.firstOnLine(i)):
		return RoleCall
	}
	return role
}

func (o *outline) at(i int) token {
	if i >= 0 && i < len(o.toks) {
		return o.toks[i]
	}
	return token{}
}

func (r *roles) guess(id ident) Role {
	l := lexer{text: r.p.text, pos: int(id.end)}
	before := token{}
	for i := int(id.start) - 1; i >= 0; i-- {
		if c := r.p.text[i]; class[c] != cSpace && class[c] != cLine {
			before = token{kind: tPunct, op: c}
			if c == '>' && i > 0 && r.p.text[i-1] == '-' {
				before.op = opArrow
			}
			break
		}
	}
	return loose(r.p.text, before, token{id.start, id.end, tWord, 0}, l.code())
}

// declared marks the names that a declaration declares.
func (r *roles) declared(d *Decl) {
	if d.Kind == KindOther || d.Kind == KindInclude {
		return
	}
	mark := func(start, end int, role Role) {
		if end > start {
			r.set(uint32(start), role)
		}
	}
	mark(d.NameSpan.Start, d.NameSpan.End, RoleDecl)
	for _, p := range d.Params {
		mark(p.NameSpan.Start, p.NameSpan.End, RoleDecl)
	}
	for _, m := range d.Members {
		mark(m.NameSpan.Start, m.NameSpan.End, RoleDecl)
	}
	for _, in := range d.Inits {
		mark(in.MemberSpan.Start, in.MemberSpan.End, RoleMember)
	}
}
