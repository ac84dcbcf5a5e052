package cindex

import "strings"

// A walker reads one file of a unit.
type walker struct {
	b     *builder
	s     *source
	r     *fileResult
	env   *env
	depth int
	conds []level
	open  []placed // pieces of a declaration that is not complete yet
}

// A level is a chain of conditions between declarations. What an arm defines
// that hangs on the build must not be seen behind it.
type level struct {
	chain
	before *env
}

func (w *walker) state() armState {
	if n := len(w.conds); n > 0 {
		return w.conds[n-1].arm
	}
	return armMain
}

func (w *walker) run() {
	for _, p := range w.s.pieces {
		if p.dir != nil {
			w.directive(p)
			continue
		}
		if w.state() == armOff {
			continue
		}
		if p.open || len(w.open) > 0 {
			w.open = append(w.open, p)
			if !p.open {
				w.joined()
			}
			continue
		}
		f, e := w.b.piece(p.piece, w.env, w.s.defined)
		w.env = e
		w.add(f, p.at)
	}
	w.joined()
}

func (w *walker) add(f *facts, at int) {
	if f != noFacts {
		w.r.items = append(w.r.items, item{facts: f, at: at, unsure: w.state() == armSecond})
	}
}

// joined reads the pieces of one declaration that directives cut apart.
func (w *walker) joined() {
	if len(w.open) == 0 {
		return
	}
	first, last := w.open[0], w.open[len(w.open)-1]
	j := &piece{src: stringOf(w.s.file.Content[first.at:last.end()])}
	for _, p := range w.open {
		shift := uint32(p.at - first.at)
		for _, t := range p.toks {
			t.start += shift
			t.end += shift
			if t.kind == tDirective {
				t.hash += uint32(len(j.dirs))
			}
			j.toks = append(j.toks, t)
		}
		j.dirs = append(j.dirs, p.dirs...)
	}
	w.open = w.open[:0]
	m := w.b.compute(j, w.env, w.s.defined)
	w.add(m.facts, first.at)
}

// directive obeys a directive between declarations.
func (w *walker) directive(p placed) {
	d := p.dir
	switch d.kind {
	case dIf, dIfdef, dIfndef:
		outer := w.state()
		v := verdict{}
		if outer != armOff {
			v = w.evaluate(d)
		}
		w.conds = append(w.conds, level{openChain(outer, v), w.env})
		return
	case dElif, dElse:
		w.nextArm(d)
		return
	case dEndif:
		if n := len(w.conds); n > 0 {
			w.leave(&w.conds[n-1])
			w.conds = w.conds[:n-1]
		}
		return
	}
	if w.state() == armOff {
		return
	}
	switch d.kind {
	case dInclude:
		w.include(p)
	case dOnce:
		m := &macro{name: "#once " + w.s.file.Path}
		m.hash = identHash(m.name)
		w.env = w.env.set(d, m)
	default:
		w.env = applyMacro(w.env, d)
	}
}

// leave ends an arm.
func (w *walker) leave(l *level) {
	if l.arm == armSecond && l.outer != armSecond {
		w.env = l.before
	}
}

func (w *walker) nextArm(d *directive) {
	n := len(w.conds)
	if n == 0 {
		return
	}
	l := &w.conds[n-1]
	w.leave(l)
	v := verdict{v: true}
	if d.kind == dElif && l.outer != armOff && !l.dead {
		v = w.evaluate(d)
	}
	l.next(v)
	l.before = w.env
}

func (w *walker) evaluate(d *directive) verdict {
	x := &w.b.exp
	x.reset(w.env, w.s.defined, &noPiece, false)
	x.has = func(spec string, system bool) bool {
		q := w.query(spec, system, false)
		return w.b.find(q) != ""
	}
	return x.evaluate(d)
}

var noPiece piece

func (w *walker) query(spec string, system, next bool) query {
	return query{from: w.s.file.Path, spec: spec, system: system, next: next}
}

// find asks the include search and notes the question.
func (b *builder) find(q query) string {
	path := b.conf.find(q)
	u := use{q: q, path: path}
	if path != "" {
		u.src = b.x.load(path)
	}
	b.uses = append(b.uses, u)
	return path
}

// include reads a header in its place.
func (w *walker) include(p placed) {
	spec, system := w.spec(p.dir)
	if spec == "" {
		return
	}
	if isVmlinux(spec) {
		w.r.vmlinux = true
		w.env = w.env.set(p.dir, vmlinuxMacro)
		return
	}
	q := w.query(spec, system, p.dir.next)
	path := w.b.conf.find(q)
	var src *source
	if path != "" {
		src = w.b.x.load(path)
	}
	w.b.uses = append(w.b.uses, use{q, path, src})
	at := Span{p.at + int(p.dir.at.start), p.at + int(p.dir.at.end)}
	line := &Include{At: Loc{w.s.file, at}, Spec: spec, System: system, Path: path}
	if src == nil {
		line.Path = ""
		if !isSystem(spec) && spec != "bpf_helper_defs.h" { // libbpf makes that one when it is built
			w.r.missing = append(w.r.missing, line)
		}
		return
	}
	w.r.found = append(w.r.found, line)
	once := "#once " + path
	if m := w.env.get(identHash(once), once); m != nil && !m.undef {
		return
	}
	w.b.visits++
	if w.depth >= maxIncludeDepth || w.b.visits > maxVisits {
		return
	}
	nested := w.b.header(src, w.env, w.depth+1)
	w.env = nested.out
	w.r.items = append(w.r.items, item{nested: nested, unsure: w.state() == armSecond})
	w.r.size += nested.size
	w.r.vmlinux = w.r.vmlinux || nested.vmlinux
}

// spec gives what an #include names.
func (w *walker) spec(d *directive) (spec string, system bool) {
	if d.spec != "" || len(d.toks) == 0 {
		return d.spec, d.system
	}
	x := &w.b.exp
	x.reset(w.env, w.s.defined, &noPiece, false)
	var toks []ptok
	for _, t := range d.toks {
		toks = append(toks, ptok{text: d.text(t), hash: t.hash, kind: t.kind, flags: t.flags})
	}
	text := strings.TrimSpace(spell(x.list(toks)))
	if len(text) < 3 {
		return "", false
	}
	return text[1 : len(text)-1], text[0] == '<'
}

// isVmlinux tells of the kernel's types: too large to read, and known to
// others from better sources.
func isVmlinux(spec string) bool {
	return spec == "vmlinux.h" || strings.HasSuffix(spec, "/vmlinux.h")
}

var vmlinuxMacro = &macro{name: "__VMLINUX_H__", hash: identHash("__VMLINUX_H__")}
