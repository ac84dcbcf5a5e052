package kfuncreference

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// The fix releases before the return that leaks, and the finding goes away.
func TestFix(t *testing.T) {
	const head = "struct bpf_cpumask *bpf_cpumask_create(void) __ksym;\nvoid bpf_cpumask_release(struct bpf_cpumask *m) __ksym;\n" +
		"int BPF_STRUCT_OPS(f, int x)\n{\n\tstruct bpf_cpumask *m;\n\n\tm = bpf_cpumask_create();\n\tif (!m)\n\t\treturn 0;\n\tif (x) {\n"
	const tail = "\t\treturn 1;\n\t}\n\tbpf_cpumask_release(m);\n\treturn 2;\n}\nstruct sched_ext_ops o SEC(\".struct_ops.link\") = { .tick = (void *)f };\n"
	const release = "\t\tif (m)\n\t\t\tbpf_cpumask_release(m);\n"
	verifiertest.Fix(t, Rule, head+tail, "Call bpf_cpumask_release before the program returns", head+release+tail)
}
