// Package kfunccontext is the rule kfunc-context: calls of kfuncs from ops
// members, and from programs of other types, that do not allow them.
package kfunccontext

import (
	_ "embed"
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "kfunc-context",
	Summary: "a kfunc is called where the kernel does not allow it",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	p.Only(btfdb.RefusedLoad, btfdb.AbortedRun).ReportGroups(true, func(verifier.Problem) bool { return true }, describe)
}

func describe(g *verifier.Group, f *verifier.Finding) {
	pr := g.Newest()
	f.Message = fmt.Sprintf("%s is not allowed in %s%s", g.Site.Name, g.Where(), verifier.AllowedHint(pr.Kernel, pr.Name, pr.Root.TableType()))
	if a := advice(pr.Kfunc.Name); a != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: a})
	}
}
