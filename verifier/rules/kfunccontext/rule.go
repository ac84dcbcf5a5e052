// Package kfunccontext is the rule kfunc-context: calls of kfuncs from ops
// members, and from programs of other types, that do not allow them.
package kfunccontext

import (
	_ "embed"
	"fmt"
	"strings"

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
	p.ReportGroups(true, func(pr verifier.Problem) bool {
		return pr.Verdict.Outcome == btfdb.RefusedLoad || pr.Verdict.Outcome == btfdb.AbortedRun
	}, describe)
}

func describe(g *verifier.Group, f *verifier.Finding) {
	pr := g.Newest()
	f.Message = fmt.Sprintf("%s is not allowed in %s%s", g.Site.Name, g.Where(), allowedHint(pr.Kernel, pr.Kfunc.Name, pr.Root))
	if a := advice(pr.Kfunc.Name); a != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: a})
	}
}

// allowedHint names where the kernel does allow the kfunc: the members of the
// scheduler's own ops type, else the other program types.
func allowedHint(k *btfdb.Kernel, kfunc string, r verifier.Root) string {
	ops := "sched_ext_ops"
	if r.Wiring != nil && strings.HasPrefix(r.Wiring.Table.Type, "sched_ext_ops") {
		ops = r.Wiring.Table.Type
	}
	members := allowedMembers(k, ops, kfunc)
	switch n := len(members); {
	case n == 0:
		return ""
	case n <= 4:
		return " (only in ops." + strings.Join(members, ", ops.") + ")"
	case n == callbacks(k, ops):
		return " (only in ops of " + ops + ")"
	default:
		return fmt.Sprintf(" (only in ops.%s and %d more)", strings.Join(members[:3], ", ops."), n-3)
	}
}

func allowedMembers(k *btfdb.Kernel, ops, kfunc string) []string {
	var out []string
	for _, p := range k.AllowedIn(kfunc) {
		if p.Ops == ops {
			out = append(out, strings.TrimPrefix(p.Name, ops+"."))
		}
	}
	return out
}

// callbacks counts the members that a program can be attached to.
func callbacks(k *btfdb.Kernel, ops string) int {
	n := 0
	if t := k.Ops(ops); t != nil {
		for _, m := range t.Members {
			if m.Func && !m.NoStub {
				n++
			}
		}
	}
	return n
}
