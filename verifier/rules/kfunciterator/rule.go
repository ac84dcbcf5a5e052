// Package kfunciterator is the rule kfunc-iterator: open-coded iterators that are not made,
// advanced and destroyed in this order.
package kfunciterator

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
	ID:      "kfunc-iterator",
	Summary: "an open-coded iterator is not made, advanced and destroyed in this order",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, func(i flow.Issue) bool {
		return i.Kind == flow.IterNew || i.Kind == flow.IterNext || i.Kind == flow.IterDestroy || i.Kind == flow.IterOpen ||
			i.Kind == flow.NotOnStack && i.What == "the iterator"
	}, word)
}

func word(r flow.Result) flow.Text {
	t := flow.Text{Decider: "process_iter_arg"}
	wants := func(what string) func(*btfdb.Kernel) string {
		return flow.Since("7.2", fmt.Sprintf("expected %s iter_%s as arg #0", what, r.What), fmt.Sprintf("expected %s iter_%s as R1", what, r.What))
	}
	switch r.Kind {
	case flow.IterNew:
		t.Message, t.Refusal = fmt.Sprintf("%s is called for an iterator that is in use", r.Name), wants("uninitialized")
		t.Advice = "destroy the iterator first, or take another variable"
	case flow.IterNext:
		t.Message, t.Refusal = fmt.Sprintf("%s is called for an iterator that was not made", r.Name), wants("an initialized")
	case flow.IterDestroy:
		t.Message, t.Refusal = fmt.Sprintf("%s is called for an iterator that was not made, or was destroyed", r.Name), wants("an initialized")
	case flow.NotOnStack:
		t.Message, t.Decider = fmt.Sprintf("the iterator of %s is no variable of the function", r.Name), "check_kfunc_args"
		t.Refusal = flow.Since("7.2", "arg#0 expected pointer to an iterator on stack", "R1 expected pointer to an iterator on stack")
	default:
		t.Message, t.Decider = fmt.Sprintf("the iterator that %s makes is not destroyed on every path", r.Name), "check_reference_leak"
		t.Refusal, t.Until = flow.Always("Unreleased reference"), "this path ends with the iterator"
		t.Advice = "bpf_for_each() destroys its iterator on every way out"
	}
	return t
}
