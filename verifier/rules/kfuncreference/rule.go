// Package kfuncreference is the rule kfunc-reference: references that are not
// released, released twice, or were never acquired.
package kfuncreference

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
	ID:      "kfunc-reference",
	Summary: "a reference is not released, or what is released was not acquired",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, flow.Any(flow.Leak, flow.BadRelease, flow.TwiceReleased), func(r flow.Result) flow.Text {
		switch r.Kind {
		case flow.Leak:
			return leak(p, r)
		case flow.TwiceReleased:
			return flow.Text{
				Message: fmt.Sprintf("%s gets what %s gave after it was released", r.Name, r.Source),
				Refusal: released(r), Decider: "check_kfunc_args", From: "acquired here",
				Advice: "release a reference once, and do not use it afterwards",
			}
		}
		return flow.Text{
			Message: fmt.Sprintf("%s releases %s, which was not acquired", r.Name, what(r)),
			Refusal: released(r), Decider: "check_kfunc_args",
			Advice: "release only what an acquiring kfunc or bpf_kptr_xchg gave",
		}
	})
}

func what(r flow.Result) string {
	switch {
	case r.What == "not acquired":
		return "what " + r.Source + " gave"
	case r.Source != "":
		return r.Source
	}
	return r.What
}

func leak(p *verifier.Pass, r flow.Result) flow.Text {
	return flow.Text{
		Message: fmt.Sprintf("what %s gives is not released on every path", r.Name),
		Refusal: flow.Always("Unreleased reference"), Decider: "check_reference_leak",
		Until:  "this path ends with the reference",
		Advice: "release it, or hand it over with bpf_kptr_xchg, before the program ends",
		Fixes:  releaseFix(p, r),
	}
}

func released(r flow.Result) func(*btfdb.Kernel) string {
	return flow.Since("7.2", fmt.Sprintf("R%d must be referenced or trusted", r.Arg+1),
		fmt.Sprintf("release kfunc %s expects referenced PTR_TO_BTF_ID passed to R%d", r.Name, r.Arg+1))
}
