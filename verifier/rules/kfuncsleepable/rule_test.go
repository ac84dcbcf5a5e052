package kfuncsleepable

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// The fix makes the finding go away, however the program is declared.
func TestFix(t *testing.T) {
	const head = "#include \"x.h\"\n"
	const tail = " { return scx_bpf_create_dsq(1, -1); }\nstruct sched_ext_ops o SEC(\".struct_ops.link\") = { .init = (void *)f };\n"
	for before, after := range map[string]string{
		"s32 BPF_STRUCT_OPS(f)":                           "s32 BPF_STRUCT_OPS_SLEEPABLE(f)",
		"SEC(\"struct_ops/init\")\ns32 BPF_PROG(f)":       "SEC(\"struct_ops.s/init\")\ns32 BPF_PROG(f)",
		"SEC(\"?struct_ops/f\") s32 BPF_PROG(f, int arg)": "SEC(\"?struct_ops.s/f\") s32 BPF_PROG(f, int arg)",
	} {
		verifiertest.Fix(t, Rule, head+before+tail, "Make f sleepable", head+after+tail)
	}
}
