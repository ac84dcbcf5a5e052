package kfuncunavailable

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// The fixes: a slip in a name, and a declaration that must be weak.
func TestFix(t *testing.T) {
	const tail = "struct sched_ext_ops o SEC(\".struct_ops.link\") = { .enqueue = (void *)e };\n"
	const wrong = "SEC(\"struct_ops/e\") void BPF_PROG(e, struct task_struct *p) { scx_bpf_kik_cpu(0, 0); }\n"
	verifiertest.Fix(t, Rule, wrong+tail, "Replace with scx_bpf_kick_cpu",
		strings.ReplaceAll(wrong, "kik", "kick")+tail)
	const use = "SEC(\"struct_ops/e\") void BPF_PROG(e, struct task_struct *p) { if (bpf_ksym_exists(other)) scx_bpf_cpu_rq(0); }\n"
	const guard = "void other(void) __ksym __weak;\n"
	verifiertest.Fix(t, Rule, guard+"struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym;\n"+use+tail, "Declare scx_bpf_cpu_rq __weak",
		guard+"struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym __weak;\n"+use+tail)
}
