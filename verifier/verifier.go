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
}

// A Pass is one rule at work on one unit.
type Pass struct {
	Context context.Context
	Unit    *cindex.Unit
	Kernels []*btfdb.Kernel
	Report  func(Finding)

	walk *walk
}

// Problems lists the calls that some kernel of the pass does not allow, in the
// order of roots, kernels and calls. Rules pick the outcomes that are theirs.
func (p *Pass) Problems() []Problem { return p.walk.get(p) }

// Judged gives the kernels of the pass that know the context of a root.
func (p *Pass) Judged(r Root) []*btfdb.Kernel {
	var ks []*btfdb.Kernel
	for _, k := range p.Kernels {
		if _, ok := r.context(k); ok {
			ks = append(ks, k)
		}
	}
	return ks
}

// Check runs rules over a unit for the given kernels. The findings are sorted
// by file, position, rule and context. A rule that panics loses its own
// findings only; a cancelled context ends the check early.
func Check(ctx context.Context, u *cindex.Unit, kernels []*btfdb.Kernel, rules []*Rule) []Finding {
	var all []Finding
	shared := &walk{}
	for _, r := range rules {
		if ctx.Err() != nil {
			break
		}
		all = append(all, runRule(ctx, u, kernels, r, shared)...)
	}
	slices.SortStableFunc(all, compareFindings)
	return all
}

func runRule(ctx context.Context, u *cindex.Unit, kernels []*btfdb.Kernel, r *Rule, w *walk) (out []Finding) {
	defer func() {
		if v := recover(); v != nil {
			out = nil
			bug.Errorf("rule %s: %v", r.ID, v)
		}
	}()
	r.Run(&Pass{Context: ctx, Unit: u, Kernels: kernels, walk: w, Report: func(f Finding) {
		f.Rule = r.ID
		out = append(out, f)
	}})
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
