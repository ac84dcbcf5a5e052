// Package kfuncargs is the rule kfunc-args: arguments that can not be what the kfunc wants.
package kfuncargs

import (
	_ "embed"
	"fmt"
	"slices"
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
	ID:      "kfunc-args",
	Summary: "an argument can not be what the kfunc wants",
	Doc:     doc,
	Run:     run,
}

func run(p *verifier.Pass) {
	flow.Report(p, func(i flow.Issue) bool {
		return i.Kind == flow.WrongArg || i.Kind == flow.WrongCount && declared(p.Unit, i.Name)
	}, word)
}

// declared tells whether the kfunc is what the source calls: in a header that
// was not found the name may be a macro that takes other arguments, as
// scx_bpf_dsq_move_to_local() is in scx.
func declared(u *cindex.Unit, name string) bool {
	for _, x := range u.Externs {
		if x.Func && verifier.KernelName(x.Name) == name {
			return true
		}
	}
	return u.Vmlinux && !slices.ContainsFunc(u.Missing, func(m *cindex.Include) bool {
		return !strings.HasSuffix(m.Spec, "vmlinux.h") && !strings.HasPrefix(m.Spec, "bpf/")
	})
}

func word(r flow.Result) flow.Text {
	if r.Kind == flow.WrongCount {
		return flow.Text{
			Message: fmt.Sprintf("%s takes %d arguments", r.Name, r.Arg),
			Refusal: flow.Always(fmt.Sprintf("extern (func ksym) '%s': func_proto incompatible with vmlinux", r.Name)),
			Decider: "libbpf, bpf_object__resolve_ksym_func_btf_id",
			Advice:  "declare the kfunc as the kernel has it",
		}
	}
	kernelSays := "scalar"
	if r.What == "the address of a variable" {
		kernelSays = "fp"
	}
	return flow.Text{
		Message: fmt.Sprintf("%s gets %s where an object of the kernel must be", r.Name, r.What),
		Refusal: func(k *btfdb.Kernel) string { return refusal(k, r, kernelSays) },
		Decider: "check_kfunc_args",
	}
}

func refusal(k *btfdb.Kernel, r flow.Result, is string) string {
	typ := "object"
	if f := k.Kfunc(r.Name); f != nil && r.Arg < len(f.Params()) {
		typ = strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(f.Params()[r.Arg].Type, "const "), "struct "), " *")
	}
	if btfdb.CompareReleases(k.Release, "7.2") < 0 {
		return fmt.Sprintf("arg#%d is %s expected STRUCT %s", r.Arg, is, typ)
	}
	return fmt.Sprintf("R%d is %s expected STRUCT %s", r.Arg+1, is, typ)
}
