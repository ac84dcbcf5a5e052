// Package kfuncsleepable is the rule kfunc-sleepable: kfuncs that may sleep,
// called from programs that may not.
package kfuncsleepable

import (
	_ "embed"
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "kfunc-sleepable",
	Summary: "a kfunc that may sleep is called from a program that may not",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	p.ReportGroups(true, func(pr verifier.Problem) bool { return pr.Verdict.Outcome == btfdb.NotSleepable }, describe)
}

func describe(g *verifier.Group, f *verifier.Finding) {
	pr := g.Newest()
	f.Message = fmt.Sprintf("%s may sleep, and %s is not declared sleepable", g.Site.Name, g.Root.Program.Func.Name)
	if pr.Async == cindex.CallTimer {
		f.Message = fmt.Sprintf("%s may sleep, and %s may not", g.Site.Name, g.Where())
		return
	}
	if w := g.Root.Wiring; w != nil && maySleep(pr.Kernel, w) {
		f.Notes = append(f.Notes, verifier.Note{
			At:      g.Root.Program.Func.At,
			Message: fmt.Sprintf("declare %s with BPF_STRUCT_OPS_SLEEPABLE, or SEC(\"struct_ops.s/...\")", g.Root.Program.Func.Name),
		})
	}
}

func maySleep(k *btfdb.Kernel, w *cindex.Wiring) bool {
	m := k.Member(w.Table.Type, w.Init.Member)
	return m != nil && m.Sleepable
}
