// Package kfuncsleepable is the rule kfunc-sleepable: kfuncs that may sleep,
// called from programs that may not.
package kfuncsleepable

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
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
	p.Only(btfdb.NotSleepable).ReportGroups(true, func(verifier.Problem) bool { return true }, describe)
	flow.Report(p, flow.Any(flow.Sleeps), inSection)
}

// inSection words a call in a section in which no program may sleep.
func inSection(r flow.Result) flow.Text {
	regions := map[string]string{
		"bpf_rcu_read_lock": "rcu_read_lock", "bpf_preempt_disable": "non-preemptible", "bpf_local_irq_save": "IRQ-disabled", "bpf_spin_lock": "lock",
	}
	return flow.Text{
		Message: fmt.Sprintf("%s may sleep, and is called between %s and its end", r.Name, r.Source),
		Refusal: flow.Always(fmt.Sprintf("kernel func %s is sleepable within %s region", r.Name, regions[r.What])),
		Decider: "check_kfunc_call", From: "the section begins here",
		Advice: "leave the section first",
	}
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
		f.Fixes = sleepableFix(g.Root.Program.Func)
	}
}

// maxHead is how far before a function's name its section is looked for.
const maxHead = 300

// sleepableFix makes a program sleepable where its author wrote that it is not:
// in the macro around the name, or in the SEC() before it.
func sleepableFix(fn *cindex.Func) []verifier.Fix {
	from := max(0, fn.At.Span.Start-maxHead)
	head := string(fn.At.File.Content[from:fn.At.Span.Start])
	if i := strings.LastIndexAny(head, ";}"); i >= 0 {
		head, from = head[i+1:], from+i+1 // what stands before belongs to something else
	}
	for _, c := range []struct{ old, insert string }{{"BPF_STRUCT_OPS(", "_SLEEPABLE"}, {"\"struct_ops/", ".s"}, {"\"?struct_ops/", ".s"}} {
		if i := strings.LastIndex(head, c.old); i >= 0 {
			at := from + i + len(c.old) - 1 // before the parenthesis or the slash
			loc := cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: at, End: at}}
			return []verifier.Fix{{Title: "Make " + fn.Name + " sleepable", Safe: true, Edits: []verifier.Edit{{At: loc, NewText: c.insert}}}}
		}
	}
	return nil
}

func maySleep(k *btfdb.Kernel, w *cindex.Wiring) bool {
	m := k.Member(w.Table.Type, w.Init.Member)
	return m != nil && m.Sleepable
}
