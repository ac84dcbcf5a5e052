// Package kfuncnull is the rule kfunc-null: pointers that may be NULL, used
// before they are tested.
package kfuncnull

import (
	_ "embed"
	"fmt"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "kfunc-null",
	Summary: "a pointer that may be NULL is used before it is tested",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, flow.Any(flow.NullArg, flow.NullLoad), func(r flow.Result) flow.Text {
		t := flow.Text{Decider: "check_kfunc_args", Advice: "test the pointer on every path that leads here"}
		if r.Kind == flow.NullLoad {
			t.Decider = "check_mem_access"
		}
		t.Message, t.Refusal = message(r), refusal(r)
		if r.From.Func != "" {
			t.From = fmt.Sprintf("%s may be NULL", r.Source)
			if r.From.At.End > 0 {
				t.From = fmt.Sprintf("%s gives NULL at times", r.Source)
			}
			t.Fixes = testFix(p, r)
		}
		return t
	})
}

func message(r flow.Result) string {
	switch {
	case r.What == "NULL" && r.Kind == flow.NullArg:
		return fmt.Sprintf("%s is called with NULL", r.Name)
	case r.Kind == flow.NullArg:
		return fmt.Sprintf("%s is called with what %s gave, which may be NULL", r.Name, r.Source)
	case r.From.At.End == 0:
		return fmt.Sprintf("%s may be NULL and is used without a test", r.Source)
	}
	return fmt.Sprintf("what %s gave may be NULL and is used without a test", r.Source)
}

func refusal(r flow.Result) func(*btfdb.Kernel) string {
	if r.Kind == flow.NullLoad {
		return flow.Since("7.0", "invalid mem access 'ptr_or_null_'", "invalid mem access 'trusted_ptr_or_null_'")
	}
	return flow.Since("7.2", fmt.Sprintf("Possibly NULL pointer passed to trusted arg%d", r.Arg),
		fmt.Sprintf("Possibly NULL pointer passed to trusted R%d", r.Arg+1))
}
