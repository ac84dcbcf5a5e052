// Package kfunclocked is the rule kfunc-locked: what must not be done under a lock, and sections
// with preemption or interrupts off that are not left as they were entered.
package kfunclocked

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
	ID:      "kfunc-locked",
	Summary: "a lock or a section with preemption or interrupts off is misused",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, func(i flow.Issue) bool {
		switch i.Kind {
		case flow.Open, flow.Unmatched:
			return i.What != "bpf_rcu_read_lock"
		case flow.NotOnStack:
			return i.What == "the flags"
		}
		return i.Kind == flow.Order || i.Kind == flow.Locked || i.Kind == flow.DoubleLock
	}, word)
}

func word(r flow.Result) flow.Text {
	t := flow.Text{Decider: "check_kfunc_call"}
	switch r.Kind {
	case flow.Locked:
		t.Message, t.Refusal = fmt.Sprintf("%s is called under bpf_spin_lock", r.Name), flow.Always("function calls are not allowed while holding a lock")
		t.Decider, t.Advice = "do_check", "release the lock first"
	case flow.DoubleLock:
		t.Message, t.Refusal = "a second bpf_spin_lock is taken", flow.Always("Locking two bpf_spin_locks are not allowed")
		t.Decider = "process_spin_lock"
	case flow.NotOnStack:
		t.Message, t.Decider = fmt.Sprintf("the flags of %s are no variable of the function", r.Name), "process_irq_flag"
		t.Refusal = flow.Since("7.2", "arg#0 doesn't point to an irq flag on stack", "R1 doesn't point to an irq flag on stack")
	case flow.Order:
		t.Message, t.Refusal = "interrupts are not restored in the order in which they were saved", flow.Always("cannot restore irq state out of order")
		t.Decider = "release_irq_state"
	case flow.Unmatched:
		t.Message, t.Refusal = fmt.Sprintf("%s without %s", r.Name, r.What), unmatched(r)
	default:
		t.Message = fmt.Sprintf("the section that %s opens is not closed on every path", r.Name)
		t.Refusal = flow.Always(fmt.Sprintf("BPF_EXIT instruction in main prog cannot be used inside %s-ed region", r.What))
		t.Decider, t.Until = "check_resource_leak", "this path ends inside of the section"
	}
	return t
}

func unmatched(r flow.Result) func(*btfdb.Kernel) string {
	switch r.What {
	case "bpf_preempt_disable":
		return flow.Always("unmatched attempt to enable preemption (kernel function bpf_preempt_enable)")
	case "bpf_spin_lock":
		return flow.Always("bpf_spin_unlock without taking a lock")
	}
	return flow.Since("7.2", "expected an initialized irq flag as arg#0", "expected an initialized irq flag as R1")
}
