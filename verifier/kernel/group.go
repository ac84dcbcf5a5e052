package kernel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// A group is one problem on all kernels that have it.
type group struct {
	problems []*problem // one a kernel, in the order of the kernels
}

type groupKey struct {
	rule, program, context, kfunc string
	at                            cindex.Span
	file                          string
}

// group makes findings, and ties the rows to them.
func (b *builder) group() {
	index := map[groupKey]*group{}
	for i := range b.problems {
		p := &b.problems[i]
		k := groupKey{rule: p.rule, context: p.context, kfunc: p.kfunc, at: p.site.At.Span, file: p.site.At.File.Path}
		if p.prog != nil {
			k.program = p.prog.Name
		}
		g := index[k]
		if g == nil {
			g = &group{}
			index[k] = g
			b.groups = append(b.groups, g)
		}
		if n := len(g.problems); n == 0 || g.problems[n-1].kernel != p.kernel {
			g.problems = append(g.problems, p)
		}
	}
	slices.SortStableFunc(b.groups, func(x, y *group) int {
		p, q := x.problems[0], y.problems[0]
		return cmp.Or(strings.Compare(p.site.At.File.Path, q.site.At.File.Path), cmp.Compare(p.site.At.Span.Start, q.site.At.Span.Start), strings.Compare(p.context, q.context))
	})
	for n, g := range b.groups {
		b.res.Findings = append(b.res.Findings, b.finding(g))
		b.tie(n, g)
	}
}

// tie notes a finding in the rows that it is about.
func (b *builder) tie(n int, g *group) {
	for _, p := range g.problems {
		for i := range b.res.Rows {
			row := &b.res.Rows[i]
			if row.Kernel != b.res.Kernels[p.kernel] || !p.whole && (p.prog != row.Program || p.context != row.Context) {
				continue
			}
			row.Refusals = append(row.Refusals, object.Refusal{Finding: n, Outcome: p.outcome})
		}
	}
}

// newest is the problem whose words are shown: those of the newest kernel.
func (b *builder) newest(g *group) *problem {
	return slices.MaxFunc(g.problems, func(x, y *problem) int {
		return btfdb.CompareReleases(b.res.Kernels[x.kernel].Build, b.res.Kernels[y.kernel].Build)
	})
}

func (b *builder) finding(g *group) verifier.Finding {
	p := b.newest(g)
	f := verifier.Finding{
		Rule: p.rule, Severity: verifier.Error, At: p.site.At, Message: p.message, Kfunc: p.kfunc, KernelFunction: p.kfunc,
		Context: p.context, Outcome: p.outcome, Chain: p.site.Chain,
	}
	if p.prog != nil {
		f.Program = p.prog.Name
	}
	judged := 0
	for _, j := range b.js {
		if j.NotJudged == "" {
			judged++
		}
	}
	if len(g.problems) < judged {
		f.Severity = verifier.Warning
	}
	for _, q := range g.problems {
		f.Releases = append(f.Releases, b.res.Kernels[q.kernel].Release)
	}
	f.Notes = b.notes(g, p)
	return f
}

// notes are who refused in which words, and the way that led there, the words
// of each kernel once.
func (b *builder) notes(g *group, newest *problem) []verifier.Note {
	var out []verifier.Note
	add := func(at cindex.Loc, text string) {
		n := verifier.Note{At: at, Message: text}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for _, p := range g.problems {
		add(cindex.Loc{}, p.notes[0])
	}
	for _, s := range newest.notes[1:] {
		add(cindex.Loc{}, s)
	}
	var stacks [][]object.CodeAt
	for _, e := range newest.path {
		stacks = append(stacks, []object.CodeAt{e.At})
	}
	for i, s := range b.o.Sites(stacks, make([]string, len(stacks))) {
		if s.Known {
			add(s.At, fmt.Sprintf("on the way: %s", newest.path[i].Text))
		}
	}
	return out
}
