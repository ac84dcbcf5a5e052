package cindex

// A placer turns raw facts into facts with positions in files.
type placer struct {
	srcs    map[string]*source
	scope   *scope
	vias    map[*viaNode][]Via
	touched map[*source]bool // files that vias point into
	guards  map[*guard][]*Expr
}

func loc(src *source, at int, s Span) Loc {
	return Loc{src.file, Span{s.Start + at, s.End + at}}
}

// function places a function of src.
func (p *placer) function(r *rawFunc, src *source, at int, unsure bool) *Func {
	f := &Func{
		Name: r.name, At: loc(src, at, r.at), Body: Span{r.body.Start + at, r.body.End + at},
		Params: r.params, Ret: r.ret, Static: r.static, Weak: r.weak, Section: r.section, Unsure: unsure,
		key: &FuncKey{}, flow: r.flow,
	}
	f.prog = readSection(r.section)
	f.Calls = make([]Call, 0, len(r.calls))
	clear(p.guards)
	for i := range r.calls {
		c := &r.calls[i]
		f.Calls = append(f.Calls, Call{
			Callee: c.callee, At: Span{c.at.Start + at, c.at.End + at}, Kind: c.kind,
			Helper: c.helper, Via: p.via(c.via), Args: p.exprs(c.args), Guards: p.guard(c.guards),
			Unsure: c.unsure || unsure,
		})
		f.Calls = p.handed(f.Calls, c)
	}
	return f
}

// handed adds calls of functions that are handed to a function of the unit
// that calls them.
func (p *placer) handed(calls []Call, c *rawCall) []Call {
	at := len(calls) - 1
	for _, pc := range p.scope.params(c.callee) {
		if pc.param >= len(c.args) {
			continue
		}
		arg := c.args[pc.param]
		if arg == nil || arg.Op != opName && arg.Op != opAddr {
			continue
		}
		h := calls[at]
		h.Callee, h.Helper, h.Kind, h.Args = arg.Name, pc.helper, pc.kind, nil
		calls = append(calls, h)
	}
	return calls
}

func (p *placer) exprs(list []*Expr) []*Expr {
	if len(list) == 0 {
		return nil
	}
	out := make([]*Expr, len(list))
	for i, e := range list {
		out[i] = orUnknown(p.scope.resolve(e))
	}
	return out
}

// guard gives the known conditions, outermost first.
func (p *placer) guard(g *guard) []*Expr {
	if g == nil {
		return nil
	}
	if list, ok := p.guards[g]; ok {
		return list
	}
	up := p.guard(g.up)
	list := up
	if e := noRange(p.scope.resolve(g.e)); known(e) && !(e.Op == OpInt && e.Int != 0) {
		list = append(up[:len(up):len(up)], e)
	}
	p.guards[g] = list
	return list
}

// via gives the macros of an expansion, outermost first.
func (p *placer) via(n *viaNode) []Via {
	if n == nil {
		return nil
	}
	if list, ok := p.vias[n]; ok {
		return list
	}
	up := p.via(n.parent)
	list := append(up[:len(up):len(up)], Via{Macro: n.m.name, Def: p.definition(n.m)})
	p.vias[n] = list
	return list
}

func (p *placer) definition(m *macro) Loc {
	src := p.srcs[m.path]
	if src == nil {
		return Loc{}
	}
	p.touched[src] = true
	at, ok := src.macroSpan(m)
	if !ok {
		return Loc{}
	}
	return Loc{src.file, at}
}

// table places an ops table.
func (p *placer) table(r *rawTable, src *source, at int, unsure bool) *OpsTable {
	t := &OpsTable{
		Name: r.name, Type: withoutFlavour(r.spelled), Spelled: r.spelled, Section: r.section,
		At: loc(src, at, r.at),
	}
	for i := range r.inits {
		in := &r.inits[i]
		t.Inits = append(t.Inits, &Init{
			Member: in.member, At: loc(src, at, in.at), Value: in.value, Func: in.fn, Num: p.scope.resolve(in.num),
			Unsure: in.unsure || unsure,
		})
	}
	return t
}

// withoutFlavour strips the last "___suffix", as libbpf does.
func withoutFlavour(s string) string {
	for i := len(s) - 4; i > 0; i-- {
		if s[i:i+3] == "___" && s[i-1] != '_' && s[i+3] != '_' {
			return s[:i]
		}
	}
	return s
}

// A placedLayer is a header of the main source with the headers below it.
type placedLayer struct {
	res     *fileResult
	unsure  bool
	byName  map[string]*Func
	funcs   []*Func
	tables  []*OpsTable
	externs []*Extern
	missing []*Include
	license *License
	files   []*source
	touched map[*source]bool
}

// layer places a header and those below it.
func (p *placer) layer(r *fileResult, unsure bool) *placedLayer {
	l := &placedLayer{res: r, unsure: unsure, byName: map[string]*Func{}, files: r.files()}
	p.touched = map[*source]bool{}
	l.add(p, r, unsure)
	l.touched = p.touched
	return l
}

func (l *placedLayer) add(p *placer, r *fileResult, unsure bool) {
	l.missing = append(l.missing, r.missing...)
	for _, it := range r.items {
		if it.nested != nil {
			l.add(p, it.nested, unsure || it.unsure)
			continue
		}
		l.facts(p, r.src, it, unsure || it.unsure)
	}
}

func (l *placedLayer) facts(p *placer, src *source, it item, unsure bool) {
	for _, f := range it.facts.funcs {
		l.function(p.function(f, src, it.at, unsure))
	}
	l.rest(p, src, it, unsure)
}

// rest places what is no function.
func (l *placedLayer) rest(p *placer, src *source, it item, unsure bool) {
	for _, t := range it.facts.tables {
		l.tables = append(l.tables, p.table(t, src, it.at, unsure))
	}
	l.noteLicense(it.facts.license, src, it.at)
	for i := range it.facts.externs {
		if e := &it.facts.externs[i]; !e.kconfig {
			l.externs = append(l.externs, &Extern{Name: e.name, At: loc(src, it.at, e.at), Weak: e.weak, Func: e.fn})
		}
	}
}

// noteLicense keeps the first license.
func (l *placedLayer) noteLicense(r *rawLicense, src *source, at int) {
	if r != nil && l.license == nil {
		l.license = &License{At: loc(src, at, r.at), Value: r.value}
	}
}

// function adds a definition. One that the compiler takes for certain goes
// before one that hangs on the build.
func (l *placedLayer) function(f *Func) {
	l.funcs = append(l.funcs, f)
	if old := l.byName[f.Name]; old == nil || old.Unsure && !f.Unsure {
		l.byName[f.Name] = f
	}
}

// files gives the files of a result, each once, in the order of inclusion.
func (r *fileResult) files() []*source {
	r.once.Do(func() {
		seen := map[*source]bool{r.src: true}
		r.all = []*source{r.src}
		for _, it := range r.items {
			if it.nested == nil {
				continue
			}
			for _, s := range it.nested.files() {
				if !seen[s] {
					seen[s] = true
					r.all = append(r.all, s)
				}
			}
		}
	})
	return r.all
}
