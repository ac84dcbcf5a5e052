package verifier

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Group is one call site, reached from one context, with every kernel of the
// pass that does not allow it: what a rule makes one finding of.
type Group struct {
	Site      Site
	Root      Root
	Problems  []Problem // at most one a kernel, in the order of the pass
	judged    int       // kernels of the pass that know the context
	others    []string  // further contexts in which the same site is refused
	byContext bool
	sure      map[string]kset // of the first world, by kfunc: problems without doubt
}

type groupKey struct {
	file  *cindex.File
	start int
	name  string
	root  string
	prog  *cindex.Func
}

// Groups gathers the problems that a rule asks for: by place and context, or
// by place alone when the context does not matter to the rule.
func (p *Pass) Groups(byContext bool, want func(Problem) bool) []*Group {
	b := grouping{pass: p, byContext: byContext, want: want, index: map[groupKey]*Group{}}
	p.run.hits(p.only, b.hit)
	for _, g := range b.out {
		slices.SortStableFunc(g.Problems, func(a, b Problem) int { return a.order - b.order })
		g.Site = g.Problems[0].Site()
	}
	nameOthers(b.out)
	return b.out
}

// A grouping is the making of groups.
type grouping struct {
	pass      *Pass
	byContext bool
	want      func(Problem) bool
	index     map[groupKey]*Group
	out       []*Group
}

// hit puts the problems of some kernels with a call into their group. Kernels
// that the group has for certain are not looked at again: a place that all
// programs reach costs no more than one that a single program does.
func (b *grouping) hit(w *walker, r *Root, h *hit, on kset) {
	fn := h.site.node.fn
	key := groupKey{file: fn.At.File, start: h.site.node.call(h.site.edge).At.Start, name: h.name}
	if b.byContext {
		key.root, key.prog = r.Name, r.Program.Func
	}
	g := b.index[key]
	if g != nil && w.world.first == 0 {
		on &^= g.sure[h.ext.name]
	}
	if on == 0 {
		return
	}
	for pr := r.walk.problem(*r, h); on != 0; {
		k := on.pop()
		w.fill(&pr, k)
		if !b.want(pr) {
			continue
		}
		if g == nil {
			g = &Group{Root: *r, judged: r.judged(b.pass), byContext: b.byContext, sure: map[string]kset{}}
			b.index[key] = g
			b.out = append(b.out, g)
		}
		if g.add(pr); pr.doubt() == 0 && w.world.first == 0 {
			g.sure[pr.Name] |= 1 << k
		}
	}
}

// doubt ranks how much has to come together for the call to be reached.
func (r Problem) doubt() int {
	switch {
	case r.Unsure:
		return 2
	case r.Rodata != "", r.onRequest():
		return 1
	}
	return 0
}

// add keeps one problem a kernel: the way there that leaves the least doubt.
func (g *Group) add(pr Problem) {
	for i := range g.Problems {
		if g.Problems[i].Kernel == pr.Kernel {
			if pr.doubt() < g.Problems[i].doubt() {
				g.Problems[i] = pr
			}
			return
		}
	}
	g.Problems = append(g.Problems, pr)
}

// nameOthers tells each group in which other contexts its site is refused.
func nameOthers(groups []*Group) {
	type site struct {
		file  *cindex.File
		start int
		name  string
	}
	at := map[site][]*Group{}
	for _, g := range groups {
		k := site{g.Site.At.File, g.Site.At.Span.Start, g.Site.Name}
		at[k] = append(at[k], g)
	}
	for _, same := range at {
		for _, g := range same {
			for _, o := range same {
				if o != g && o.Root.Name != g.Root.Name {
					g.others = append(g.others, ContextName(o.Root.Name))
				}
			}
		}
	}
}

// Newest is the problem on the newest kernel that has it.
func (g *Group) Newest() Problem { return g.Problems[len(g.Problems)-1] }

// Rodata names the variable that user space must set for the call to be
// reached, "" when some kernel reaches it as the source stands.
func (g *Group) Rodata() string {
	for _, p := range g.Problems {
		if p.Rodata == "" {
			return ""
		}
	}
	return g.Problems[0].Rodata
}

// Releases names the kernels that have the problem.
func (g *Group) Releases() []string {
	out := make([]string, len(g.Problems))
	for i, p := range g.Problems {
		out[i] = p.Kernel.Release
	}
	return out
}

// unsure tells that the way to the call may not be there in this build, or
// not be walked by this kernel.
func (g *Group) unsure() bool {
	for _, p := range g.Problems {
		if !p.Unsure {
			return false
		}
	}
	return true
}

// onRequest tells that only programs that libbpf does not load by itself get to
// the call.
func (g *Group) onRequest() bool {
	return !slices.ContainsFunc(g.Problems, func(p Problem) bool { return !p.onRequest() })
}

// Severity is Error only when every kernel that knows the context refuses what
// the source does there as it stands, for whatever reason. What depends on a
// build or a kernel that we do not see whole is a remark.
func (g *Group) Severity() Severity {
	if g.unsure() {
		return Info
	}
	if g.Rodata() != "" || g.onRequest() || !g.everywhere() {
		return Warning
	}
	return Error
}

// everywhere tells whether no kernel that knows the context takes the call:
// those that have no such kfunc, for one, refuse it for another reason.
func (g *Group) everywhere() bool {
	if len(g.Problems) >= g.judged || !g.byContext {
		return len(g.Problems) >= g.judged
	}
	on := map[*walk]kset{}
	for _, p := range g.Problems {
		if _, ok := on[p.walk]; !ok {
			on[p.walk] = p.walk.refused[p.hit.site]
		}
		on[p.walk] |= 1 << (p.order % maxKernels)
	}
	n := 0
	for _, s := range on {
		n += bits.OnesCount64(uint64(s))
	}
	return n >= g.judged
}

// Outcome tells when the newest affected kernel refuses.
func (g *Group) Outcome() string {
	if g.Newest().Verdict.Outcome == btfdb.AbortedRun {
		return OutcomeRuntime
	}
	return OutcomeLoad
}

// Where names the context as an author would: "ops.enqueue", "a syscall
// program", "a bpf_timer callback that ops.init sets".
func (g *Group) Where() string {
	name := ContextName(g.Root.Name)
	switch g.Newest().Async {
	case cindex.CallTimer:
		return "a bpf_timer callback that " + name + " sets"
	case cindex.CallWork:
		return "a deferred callback that " + name + " sets"
	}
	return name
}

// ContextName spells a context for people.
func ContextName(name string) string {
	switch {
	case strings.HasPrefix(name, "sched_ext_ops_cid."):
		return "ops." + strings.TrimPrefix(name, "sched_ext_ops_cid.") + " (cid-form)"
	case strings.HasPrefix(name, "sched_ext_ops."):
		return "ops." + strings.TrimPrefix(name, "sched_ext_ops.")
	case strings.Contains(name, "."):
		return name
	}
	return article(name) + " program"
}

func article(name string) string {
	if name != "" && strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// ReportGroups makes a finding of every group of the problems that a rule asks
// for; describe fills in the message, notes and fixes.
func (p *Pass) ReportGroups(byContext bool, want func(Problem) bool, describe func(*Group, *Finding)) {
	for _, g := range p.Groups(byContext, want) {
		f := Finding{
			Severity: g.Severity(), At: g.Site.At, Kfunc: g.Site.Name, KernelFunction: g.Newest().Name,
			Context: g.Root.Name, Program: g.Root.Program.Func.Name, Releases: g.Releases(),
			Outcome: g.Outcome(), Chain: g.Site.Chain,
		}
		describe(g, &f)
		f.Notes = append(f.Notes, g.notes()...)
		p.Report(f)
	}
}

// notes says who refuses, under which condition, and where else.
func (g *Group) notes() []Note {
	var out []Note
	for _, r := range g.refusals() {
		out = append(out, Note{Message: r})
	}
	if v := g.Rodata(); v != "" {
		out = append(out, Note{Message: fmt.Sprintf("only when user space sets %s: its value in the source closes this path", v)})
	}
	if g.onRequest() {
		r := g.Root.Program
		out = append(out, Note{Message: fmt.Sprintf("only when user space asks for %s: SEC(%q) does not load it by itself", r.Func.Name, r.Section)})
	}
	if g.unsure() {
		out = append(out, Note{Message: "only if this build compiles it and this kernel walks it, which cannot be told from here"})
	}
	if len(g.others) > 0 {
		out = append(out, Note{Message: "refused here too when reached from " + strings.Join(g.others, ", ")})
	}
	return out
}

// refusals says what the kernels print, one line for each message.
func (g *Group) refusals() []string {
	type refusal struct {
		outcome btfdb.Outcome
		text    string
		decider string
	}
	var order []refusal
	on := map[refusal][]string{}
	for _, p := range g.Problems {
		r := refusal{p.Verdict.Outcome, p.Verdict.Text(p.Name), p.Verdict.Decider}
		if on[r] == nil {
			order = append(order, r)
		}
		on[r] = append(on[r], p.Kernel.Release)
	}
	var out []string
	for _, r := range order {
		did := "refuses to load the program"
		switch r.outcome {
		case btfdb.NotThere:
			did = "refuses to load it"
		case btfdb.AbortedRun:
			did = "loads the program and throws the scheduler out when the call runs"
		}
		out = append(out, fmt.Sprintf("%s %s: %q (%s)", ReleaseText(on[r]), did, r.text, r.decider))
	}
	return out
}
