// Package verifier judges what kernels would refuse in a translation unit.
//
// It walks from every program of the unit to the kfuncs that it calls, the way
// that the kernel's own verifier would, and hands what it finds to rules. It
// reads no file and knows nothing of editors: units and kernels come in as
// arguments, findings go out.
package verifier

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/internal/bug"
)

// A Rule is one thing that the verifier looks for.
type Rule struct {
	ID      string // "kfunc-context": lower-case words and hyphens
	Summary string // one clause
	Doc     string // Markdown, the rule's doc.md
	Run     func(*Pass)
	// Last lets the rule see what became of the findings of the others.
	Last bool
}

// A Pass is one rule at work on one unit.
type Pass struct {
	Context context.Context
	Unit    *cindex.Unit
	Linked  []*cindex.Unit // the other sources of the same object
	Kernels []*btfdb.Kernel
	Report  func(Finding)

	rule *Rule
	run  *run
	only outcomes
}

// Problems visits the calls of the unit that some kernel of the pass does not
// allow, in the order of roots and calls, each with its kernels. A root may be
// a program of another source of the object.
func (p *Pass) Problems(visit func(Problem)) {
	p.run.hits(p.only, func(w *walker, r *Root, h *hit, on kset) {
		for pr := r.walk.problem(*r, h); on != 0; {
			w.fill(&pr, on.pop())
			visit(pr)
		}
	})
}

// Only gives a pass that sees no other problems than those with some outcomes.
// A rule that says early what is its own does not pay for what others find.
func (p *Pass) Only(list ...btfdb.Outcome) *Pass {
	few := *p
	few.only = 0
	for _, o := range list {
		few.only |= 1 << o
	}
	return &few
}

// Ways lists the ways to a function of the unit, walked as the kernels'
// verifiers would: in the order of roots, then of kernels. A way that is
// certain hides those to the same context that are not.
func (p *Pass) Ways(fn *cindex.Func) []Way { return p.run.ways(fn) }

// Roots lists the contexts of the programs of the object.
func (p *Pass) Roots() []Root { return p.run.roots() }

// Directives lists the comments of the unit that are meant for us. Which of them
// kept findings back is known to rules that run last.
func (p *Pass) Directives() []*Directive { return p.run.said }

// HasRule tells whether a rule of this id runs, in this file.
func (p *Pass) HasRule(id, path string) bool {
	s, _ := p.run.checker.policy.of(id, path)
	return s != Off && slices.ContainsFunc(p.run.checker.rules, func(r *Rule) bool { return r.ID == id })
}

// RuleIDs lists the rules of the check, those that are off included.
func (p *Pass) RuleIDs() []string {
	var ids []string
	for _, r := range p.run.checker.rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// Judged gives the kernels of the pass that know the context of a root.
func (p *Pass) Judged(r Root) []*btfdb.Kernel {
	return p.Where(func(k *btfdb.Kernel) bool {
		_, ok := r.context(k)
		return ok
	})
}

// Check runs rules over a unit for the given kernels, as a [Checker] does.
func Check(ctx context.Context, u *cindex.Unit, kernels []*btfdb.Kernel, rules []*Rule, linked ...*cindex.Unit) []Finding {
	return NewChecker(kernels, rules).Check(ctx, u, linked...)
}

func runRule(p *Pass) (out []Finding) {
	defer func() {
		if v := recover(); v != nil {
			out = nil
			bug.Errorf("rule %s: %v", p.rule.ID, v)
		}
	}()
	p.Report = func(f Finding) {
		f.Rule = p.rule.ID
		out = append(out, f)
	}
	p.rule.Run(p)
	return out
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		strings.Compare(a.At.File.Path, b.At.File.Path),
		cmp.Compare(a.At.Span.Start, b.At.Span.Start),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Context, b.Context),
		strings.Compare(a.Message, b.Message),
	)
}

// Merge joins the findings of several units. What a header has wrong is found
// in every unit that includes it, and kept once.
func Merge(found ...[]Finding) []Finding {
	type key struct {
		rule, file, message, context, program string
		start                                 int
	}
	all := slices.Concat(found...)
	slices.SortStableFunc(all, compareFindings)
	seen := map[key]bool{}
	return slices.DeleteFunc(all, func(f Finding) bool {
		k := key{f.Rule, f.At.File.Path, f.Message, f.Context, f.Program, f.At.Span.Start}
		again := seen[k]
		seen[k] = true
		return again
	})
}
