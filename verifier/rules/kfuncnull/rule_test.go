package kfuncnull

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// The fix adds the test behind the call, and the finding goes away.
func TestFix(t *testing.T) {
	const head = "struct task_struct *bpf_task_from_pid(int pid) __ksym;\nvoid bpf_task_release(struct task_struct *p) __ksym;\nlong n;\n"
	const tail = "\tn = p->pid;\n\tbpf_task_release(p);\n}\nstruct sched_ext_ops o SEC(\".struct_ops.link\") = { .tick = (void *)f };\n"
	const before = head + "void BPF_STRUCT_OPS(f)\n{\n\tstruct task_struct *p = bpf_task_from_pid(1);\n" + tail
	const after = head + "void BPF_STRUCT_OPS(f)\n{\n\tstruct task_struct *p = bpf_task_from_pid(1);\n\tif (!p)\n\t\treturn;\n" + tail
	verifiertest.Fix(t, Rule, before, "Return if p is NULL", after)
}
