package object

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A group is one problem on every kernel that has it: one finding.
type group struct {
	problems []*problem
	site     pos
	chain    []frameStep // up to the site, that call last
	name     string      // the kfunc as the author knows it
	judged   int         // kernels that could have it
}

type groupKey struct {
	rule, name, root, prog string
	site                   pos
}

// finish turns problems into findings, and ties rows to them.
func (j *judge) finish(res *Result) {
	index := map[groupKey]*group{}
	var groups []*group
	of := make([]*group, len(j.problems))
	for i := range j.problems {
		p := &j.problems[i]
		site, chain, name := j.siteOf(p)
		key := groupKey{p.rule, cmp.Or(name, p.name), p.root.name, progName(p.root), site}
		g := index[key]
		if g == nil {
			g = &group{site: site, chain: chain, name: name, judged: j.judged(p)}
			index[key] = g
			groups = append(groups, g)
		}
		g.add(p)
		of[i] = g
	}
	src := j.o.newSources()
	for _, g := range groups {
		g.want(src)
	}
	slices.SortStableFunc(groups, compareGroups)
	at := map[*group]int{}
	for i, g := range groups {
		at[g] = i
		res.Findings = append(res.Findings, g.finding(src))
	}
	for i := range res.Rows {
		for _, n := range j.rowOf[i] {
			p := &j.problems[n]
			r := Refusal{Finding: at[of[n]], Outcome: p.outcome, Possible: p.possible()}
			if !slices.Contains(res.Rows[i].Refusals, r) {
				res.Rows[i].Refusals = append(res.Rows[i].Refusals, r)
			}
		}
	}
}

func progName(r root) string {
	if r.prog == nil {
		return ""
	}
	return r.prog.Name
}

// judged counts the kernels that know the context of a problem.
func (j *judge) judged(p *problem) int {
	if p.root.wiring == nil {
		return len(j.kernels)
	}
	n := 0
	for _, k := range j.kernels {
		if _, ok := p.root.context(k); ok {
			n++
		}
	}
	return n
}

func compareGroups(a, b *group) int {
	return cmp.Or(
		strings.Compare(a.site.file, b.site.file), cmp.Compare(a.site.line, b.site.line), cmp.Compare(a.site.col, b.site.col),
		strings.Compare(a.problems[0].rule, b.problems[0].rule), strings.Compare(a.problems[0].root.name, b.problems[0].root.name),
		strings.Compare(a.problems[0].name, b.problems[0].name),
	)
}

// add keeps one problem a kernel: a sure one says more than a possible one.
func (g *group) add(p *problem) {
	for i, q := range g.problems {
		if q.kernel == p.kernel {
			if q.possible() && !p.possible() {
				g.problems[i] = p
			}
			return
		}
	}
	g.problems = append(g.problems, p)
}

func (p *problem) possible() bool { return p.rodata != "" || p.config != "" || p.soft }

// siteOf finds the call that the scheduler's author wrote: wrappers of scx
// and libbpf are part of it, as in the source pass.
func (j *judge) siteOf(p *problem) (at pos, chain []frameStep, name string) {
	if len(p.chain) == 0 {
		return j.placeOf(p), nil, ""
	}
	i := len(p.chain) - 1
	for i > 0 && (wraps(p.chain[i].fn, p.kfunc) || isLibrary(p.chain[i].at.file)) {
		i--
	}
	s := p.chain[i]
	name = p.kfunc
	if s.callee != "" && wraps(s.callee, p.kfunc) {
		name = essential(s.callee)
	}
	return s.at, p.chain[:i+1], name
}

// placeOf is where to show what is no call: the program's first line, else
// the object.
func (j *judge) placeOf(p *problem) pos {
	if p.root.prog != nil {
		if at, ok := j.o.declared(p.root.prog.fn); ok {
			return at
		}
	}
	return pos{file: j.o.Name, line: 1, col: 1}
}

// isLibrary knows the headers that come with scx and libbpf.
func isLibrary(file string) bool {
	dir := path.Base(path.Dir(file))
	return (dir == "scx" || dir == "bpf") && strings.HasSuffix(file, ".h")
}

// wraps tells whether a function is a form of the kfunc under its own name.
func wraps(name, kfunc string) bool { return kfunc != "" && plainName(name) == plainName(kfunc) }

func plainName(s string) string {
	s = strings.TrimLeft(strings.TrimPrefix(s, "__COMPAT_"), "_")
	if i := strings.Index(s, "___"); i > 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, "_bstr")
}

func (g *group) want(src *sources) {
	src.want(g.site)
	for _, s := range g.chain {
		src.want(s.at)
	}
}

func (g *group) newest() *problem {
	return slices.MaxFunc(g.problems, func(a, b *problem) int { return btfdb.CompareReleases(a.kernel.Build, b.kernel.Build) })
}

func (g *group) finding(src *sources) verifier.Finding {
	p := g.newest()
	f := verifier.Finding{
		Rule: p.rule, Severity: g.severity(), At: src.loc(g.site), Message: p.message, Kfunc: g.name, KernelFunction: p.kfunc,
		Context: p.root.name, Program: progName(p.root), Outcome: p.outcome,
	}
	if p.root.prog == nil && len(g.chain) > 0 {
		f.Program = g.chain[0].fn
	}
	if f.Kfunc == "" {
		f.Kfunc = p.kfunc
	}
	if f.Message == "" {
		f.Message = g.message(f.Kfunc)
	}
	for _, q := range g.problems {
		f.Releases = append(f.Releases, q.kernel.Release)
	}
	for _, s := range g.chain {
		f.Chain = append(f.Chain, verifier.Step{Function: s.fn, At: src.loc(s.at), Callee: s.callee, Kind: s.kind.source()})
	}
	f.Notes = g.notes()
	return f
}

// source is the kind as the source pass names it.
func (k callKind) source() cindex.CallKind {
	switch k {
	case callSync:
		return cindex.CallSync
	case callTimer:
		return cindex.CallTimer
	case callWork:
		return cindex.CallWork
	}
	return cindex.CallDirect
}

// severity is Error only when every kernel that can judge refuses what the
// object does as it stands.
func (g *group) severity() verifier.Severity {
	if len(g.problems) < g.judged || !slices.ContainsFunc(g.problems, func(p *problem) bool { return !p.possible() }) {
		if g.newest().ext == extBroken {
			return verifier.Info // a defect of one build, not of the scheduler
		}
		return verifier.Warning
	}
	return verifier.Error
}

// notes says who refuses, with which words, under which condition.
func (g *group) notes() []verifier.Note {
	var out []verifier.Note
	note := func(format string, args ...any) {
		out = append(out, verifier.Note{Message: fmt.Sprintf(format, args...)})
	}
	type refusal struct{ outcome, says, decider string }
	var order []refusal
	on := map[refusal][]string{}
	for _, p := range g.problems {
		r := refusal{p.outcome, p.says, p.decider}
		if on[r] == nil {
			order = append(order, r)
		}
		on[r] = append(on[r], p.kernel.Release)
	}
	for _, r := range order {
		did := "refuses to load the program"
		switch {
		case r.outcome == verifier.OutcomeRuntime:
			did = "loads the program and throws the scheduler out when the call runs"
		case strings.HasPrefix(r.decider, "libbpf: "):
			did = "does not get to see the object"
		}
		note("Linux %s %s: %q (%s)", strings.Join(on[r], ", "), did, r.says, r.decider)
	}
	p := g.newest()
	if p.advice != "" {
		note("%s", p.advice)
	}
	if f := p.insn.fn; f != nil && len(f.code.lines) == 0 {
		note("instruction %d of %s; the object has no line information", p.insn.slot-f.start, f.name)
	}
	if p.rodata != "" {
		note("only when user space sets %s: its value in the object closes this path", p.rodata)
	}
	if p.config != "" {
		note("only on kernels with, or without, %s", p.config)
	}
	if p.root.prog != nil && !p.root.prog.Autoload {
		note("only when user space asks for %s: SEC(%q) does not load it by itself", p.root.prog.Name, p.root.prog.Section)
	}
	if p.root.prog == nil && strings.HasPrefix(p.decider, "libbpf: ") {
		note("libbpf refuses the whole object, reached or not")
	}
	return out
}
