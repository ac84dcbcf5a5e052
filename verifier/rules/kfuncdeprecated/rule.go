// Package kfuncdeprecated is the rule kfunc-deprecated: what still works in
// some release of the range and has something better in its place.
package kfuncdeprecated

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
	ID:      "kfunc-deprecated",
	Summary: "a kfunc or ops member has something else in its place",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	subs := subCapable(p.Unit)
	seen := map[cindex.Loc]bool{}
	for _, fn := range p.Unit.Funcs() {
		if verifier.IsLibrary(fn.At.File.Path) {
			continue
		}
		for _, u := range verifier.Cached(p, fn, oldCalls) {
			c := &fn.Calls[u.call]
			at := cindex.Loc{File: fn.At.File, Span: c.At}
			if seen[at] || p.Unit.Func(c.Callee) != nil || !written(at, u.name) {
				continue
			}
			seen[at] = true
			renamed(p, at, u.name)
			if subs {
				unwrapped(p, at, u.name)
			}
		}
	}
	for _, t := range p.Unit.Tables {
		members(p, t)
	}
}

// A use is a call, by its index, of a kfunc that this rule knows.
type use struct {
	call int
	name string
}

// oldCalls finds the calls of a function that the rule has something to say
// of. What a guard about kernels decides is a fallback, and meant to be old.
func oldCalls(fn *cindex.Func) []use {
	var out []use
	for i := range fn.Calls {
		c := &fn.Calls[i]
		_, old := btfdb.Succeeded(c.Callee)
		if (old || wrappers[c.Callee] != "") && len(c.Guards) == 0 && !c.Unsure {
			out = append(out, use{i, c.Callee})
		}
	}
	return out
}

// written tells whether the name stands in the source: what a macro calls is
// the macro's affair.
func written(at cindex.Loc, name string) bool {
	src := at.File.Content
	return at.Span.End <= len(src) && string(src[at.Span.Start:at.Span.End]) == name
}

// renamed reports a kfunc that has something in its place on a kernel of the
// pass. Whether it is missing on another is told by kfunc-unavailable.
func renamed(p *verifier.Pass, at cindex.Loc, name string) {
	s, ok := btfdb.Succeeded(name)
	on := p.Where(func(k *btfdb.Kernel) bool { return k.Kfunc(s.New) != nil })
	if !ok || len(on) == 0 {
		return
	}
	f := verifier.Finding{
		At: at, Severity: verifier.Hint, Tag: verifier.TagDeprecated, Kfunc: name, KernelFunction: name,
		Message: fmt.Sprintf("%s is deprecated: %s took its place in %s", name, s.New, s.Since()),
		Fixes:   renameFix(p, at, s),
	}
	if l, _ := btfdb.History(name); l.Until != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: fmt.Sprintf("Linux %s and later do not have %s", l.Until, name)})
	}
	if s.Note != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: s.Note})
	}
	p.ReportOn(on, p.Kernels, f)
}

// wrappers are kfuncs that end the scheduler once a sub-scheduler is attached,
// and the forms that scx's headers wrap, which do not.
var wrappers = map[string]string{
	"scx_bpf_dsq_insert_vtime": "__scx_bpf_dsq_insert_vtime",
	"scx_bpf_select_cpu_and":   "__scx_bpf_select_cpu_and",
}

// subCapable tells whether a unit is about sub-schedulers.
func subCapable(u *cindex.Unit) bool {
	for _, t := range u.Tables {
		for _, in := range t.Inits {
			switch in.Member {
			case "sub_attach", "sub_detach", "sub_cgroup_id", "sub_caps_updated", "sub_ecaps_updated":
				return true
			}
		}
	}
	return false
}

// unwrapped reports a kfunc that cannot tell for which scheduler it is called.
func unwrapped(p *verifier.Pass, at cindex.Loc, name string) {
	to := wrappers[name]
	if to == "" {
		return
	}
	on := p.Where(func(k *btfdb.Kernel) bool {
		return k.Kfunc(to) != nil && k.Member("sched_ext_ops", "sub_attach") != nil
	})
	p.ReportOn(on, p.Kernels, verifier.Finding{
		At: at, Severity: verifier.Warning, Kfunc: name, KernelFunction: name, Outcome: verifier.OutcomeRuntime,
		Message: fmt.Sprintf("%s ends the scheduler once a sub-scheduler is attached", name),
		Notes: []verifier.Note{
			{Message: fmt.Sprintf("sched_ext throws the scheduler out when the call runs: %q", to+"() must be used")},
			{Message: "include scx/compat.bpf.h: its inline " + name + "() calls " + to + "() where the kernel has it"},
		},
	})
}
