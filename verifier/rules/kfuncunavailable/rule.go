// Package kfuncunavailable is the rule kfunc-unavailable: kfuncs that a target
// kernel does not have, or that no program can call there.
package kfuncunavailable

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

//go:embed doc.md
var doc string

// Rule is registered in verifier/rules.
var Rule = &verifier.Rule{
	ID:      "kfunc-unavailable",
	Summary: "a kfunc does not exist in a target kernel",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	called := map[string]bool{}
	broken := map[string]*cindex.Call{}
	p.Only(btfdb.NotThere, btfdb.NotCallable).ReportGroups(false, func(pr verifier.Problem) bool {
		if pr.Verdict.Outcome == btfdb.NotCallable {
			// A defect of the build: to say it once is enough.
			if at := broken[pr.Name]; at != nil && at != pr.Call {
				return false
			} else if at == nil && sure(p.Unit, pr) {
				broken[pr.Name] = pr.Call
			}
		}
		return sure(p.Unit, pr)
	}, func(g *verifier.Group, f *verifier.Finding) {
		called[g.Newest().Name] = true
		describe(p.Unit, g, f)
	})
	for _, x := range p.Unit.Externs {
		if x.Func && !x.Weak && !called[verifier.KernelName(x.Name)] {
			strong(p, x)
		}
	}
	noted := gather(p)
	degraded(p, noted[compat])
	unreliable(p, noted[direct])
	variables(p, noted[address])
}

// sure keeps silent about names that the database cannot know: a kfunc of some
// module, or a function of a header that was not found. A call behind a guard
// that cannot be decided is most likely guarded for this very reason.
func sure(u *cindex.Unit, pr verifier.Problem) bool {
	if pr.Unsure {
		return false
	}
	if pr.Kfunc != nil || everKnown(pr.Name) {
		return true
	}
	return isSCX(pr.Name) && (declared(u, pr.Call.Callee) != nil || len(u.Missing) == 0)
}

// isSCX tells whether only sched_ext itself, which is no module, can have the
// kfunc.
func isSCX(name string) bool {
	name = strings.TrimLeft(name, "_")
	return strings.HasPrefix(name, "scx_bpf_") || strings.HasPrefix(name, "bpf_iter_scx_")
}

func declared(u *cindex.Unit, name string) *cindex.Extern {
	for _, x := range u.Externs {
		if x.Name == name {
			return x
		}
	}
	return nil
}

func describe(u *cindex.Unit, g *verifier.Group, f *verifier.Finding) {
	pr := g.Newest()
	if pr.Verdict.Outcome == btfdb.NotCallable {
		f.Message = fmt.Sprintf("%s cannot be called on %s", g.Site.Name, pr.Kernel.Build)
		f.Notes = append(f.Notes, verifier.Note{Message: "this build's BTF still shows the implicit argument of the kfunc; other builds of the release may be fine"})
		if f.Severity == verifier.Warning {
			f.Severity = verifier.Info // a defect of one build, not of the scheduler
		}
		return
	}
	name := pr.Name
	if name != g.Site.Name {
		name += ", which " + g.Site.Name + " calls,"
	}
	f.Message = fmt.Sprintf("%s does not exist in %s%s", name, releases(f.Releases), presence(pr.Name))
	if to := replacement(pr.Name); to != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: to})
	} else if like := nearest(pr.Kernel, pr.Name); like != "" {
		f.Notes = append(f.Notes, verifier.Note{Message: "did you mean " + like + "?"})
		if g.Site.At.File != nil && text(g.Site.At) == g.Site.Name {
			f.Fixes = append(f.Fixes, verifier.Fix{Title: "Replace with " + like, Edits: []verifier.Edit{{At: g.Site.At, NewText: like}}})
		}
	}
	x := declared(u, pr.Call.Callee)
	if text(g.Site.At) == pr.Call.Callee && history()[pr.Name] != nil {
		f.Fixes = append(f.Fixes, guardFix(g.Site.At, pr.Call.Callee, x)...)
	}
	if x != nil && !x.Weak {
		f.Notes = append(f.Notes, verifier.Note{At: x.At, Message: "declared here without __weak: libbpf refuses the whole object"})
	}
}

func text(at cindex.Loc) string { return string(at.File.Content[at.Span.Start:at.Span.End]) }

// strong reports an extern that keeps the object from loading although no
// program gets to a call of it: libbpf resolves strong externs first.
func strong(p *verifier.Pass, x *cindex.Extern) {
	name := verifier.KernelName(x.Name)
	var on []string
	for _, k := range p.Kernels {
		if k.Query(btfdb.Context{}, name).Outcome == btfdb.NotThere {
			on = append(on, k.Release)
		}
	}
	if len(on) == 0 || !everKnown(name) && !isSCX(name) || !p.References(x.Name) {
		return
	}
	f := verifier.Finding{
		Severity: verifier.Warning, At: x.At, Kfunc: name, KernelFunction: name, Releases: on, Outcome: verifier.OutcomeLoad,
		Message: fmt.Sprintf("%s is declared without __weak and does not exist in %s%s", x.Name, releases(on), presence(name)),
		Notes: []verifier.Note{{Message: fmt.Sprintf(
			"libbpf refuses the whole object, reached or not: \"extern (func ksym) '%s': not found in kernel or module BTFs\"", x.Name,
		)}},
	}
	if len(on) == len(p.Kernels) {
		f.Severity = verifier.Error
	}
	f.Fixes = weakFix(x)
	p.Report(f)
}

// weakFix adds __weak behind the __ksym of a declaration.
func weakFix(x *cindex.Extern) []verifier.Fix {
	src := x.At.File.Content[x.At.Span.End:]
	rest, _, ok := strings.Cut(string(src[:min(len(src), 2000)]), ";")
	i := strings.LastIndex(rest, "__ksym")
	if !ok || i < 0 {
		return nil
	}
	at := x.At.Span.End + i + len("__ksym")
	loc := cindex.Loc{File: x.At.File, Span: cindex.Span{Start: at, End: at}}
	return []verifier.Fix{{Title: "Declare " + x.Name + " __weak", Safe: true, Edits: []verifier.Edit{{At: loc, NewText: " __weak"}}}}
}

func releases(list []string) string {
	if len(list) > 3 {
		return "Linux " + list[0] + " to " + list[len(list)-1]
	}
	return "Linux " + strings.Join(list, ", ")
}
