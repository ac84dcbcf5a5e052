// Package kfuncrcu is the rule kfunc-rcu: what needs an RCU section and has
// none, and sections that are not left as they were entered.
package kfuncrcu

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "kfunc-rcu",
	Summary: "an RCU section is missing, or not closed",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, flow.Any(flow.NotProtected, flow.Stale), word)
	flow.Report(p, func(i flow.Issue) bool {
		return i.What == "bpf_rcu_read_lock" && (i.Kind == flow.Open || i.Kind == flow.Unmatched)
	}, section)
}

func word(r flow.Result) flow.Text {
	if r.Kind == flow.Stale {
		return flow.Text{
			Message: fmt.Sprintf("%s gets what %s gave, which no RCU section protects here", r.Name, r.Source),
			Refusal: flow.Always(fmt.Sprintf("R%d must be a rcu pointer", r.Arg+1)), Decider: "check_kfunc_args",
			From: "read here", Advice: "keep the RCU section open, or acquire a reference in it",
		}
	}
	return flow.Text{
		Message: fmt.Sprintf("%s needs an RCU section, and %s is a program that may sleep", r.Name, r.Root.Program.Func.Name),
		Refusal: unprotected(r), Decider: "check_kfunc_call",
		Advice: "call bpf_rcu_read_lock() before it, and bpf_rcu_read_unlock() when its result is not used any more",
	}
}

// unprotected gives the message of 6.18 on, and the one that iterators had
// before and still have when their section ended.
func unprotected(r flow.Result) func(*btfdb.Kernel) string {
	late := "expected an RCU CS when using " + strings.TrimSuffix(r.Name, "_new") + "_next"
	if strings.HasSuffix(r.Name, "_next") {
		return flow.Always("expected an RCU CS when using " + r.Name)
	}
	return flow.Since("6.18", late, "kernel func "+r.Name+" requires RCU critical section protection")
}

func section(r flow.Result) flow.Text {
	if r.Kind == flow.Unmatched {
		return flow.Text{
			Message: "bpf_rcu_read_unlock without bpf_rcu_read_lock",
			Refusal: flow.Always("unmatched rcu read unlock (kernel function bpf_rcu_read_unlock)"), Decider: "check_kfunc_call",
		}
	}
	return flow.Text{
		Message: "the RCU section is not closed on every path",
		Refusal: flow.Always("BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region"),
		Decider: "check_resource_leak", Until: "this path ends inside of the section",
		Advice: "call bpf_rcu_read_unlock() before the program ends",
	}
}
