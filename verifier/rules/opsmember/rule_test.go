package opsmember

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

const preamble = `#include "vmlinux.h"
char _license[] SEC("license") = "GPL";
`

// TestFixes applies each fix and wants nothing left.
func TestFixes(t *testing.T) {
	table := func(member, fn string) string {
		return "SEC(\".struct_ops.link\") struct sched_ext_ops ops = { ." + member + " = (void *)" + fn + ", .name = \"a\" };\n"
	}
	for _, c := range []struct{ name, src, title, old, new string }{
		{
			"sleepable macro", "void BPF_STRUCT_OPS_SLEEPABLE(enq, struct task_struct *p, u64 f) {}\n" + table("enqueue", "enq"),
			"Declare enq as not sleepable", "_SLEEPABLE", "",
		},
		{
			"sleepable section", "SEC(\"struct_ops.s/enq\")\nvoid BPF_PROG(enq, struct task_struct *p, u64 f) {}\n" + table("enqueue", "enq"),
			"Declare enq as not sleepable", "ops.s", "ops",
		},
		{
			"parameter too many", "void BPF_STRUCT_OPS(run, struct task_struct *p, u64 f) { bpf_printk(\"%d\", f); }\n" + table("running", "run"),
			"Give run the parameters of the callback", "struct task_struct *p, u64 f", "struct task_struct *p",
		},
		{
			"no parameter allowed", "s32 BPF_STRUCT_OPS_SLEEPABLE(start, u64 f) { return f; }\n" + table("init", "start"),
			"Give start the parameters of the callback", ", u64 f", "",
		},
		{
			"wrong type", "void BPF_STRUCT_OPS(tick, struct cgroup *c) { bpf_printk(\"%d\", c->level); }\n" + table("tick", "tick"),
			"Give tick the parameters of the callback", "struct cgroup *c", "struct task_struct *c",
		},
		{
			"no result", "void BPF_STRUCT_OPS(sel, struct task_struct *p, s32 prev, u64 f) {}\n" + table("select_cpu", "sel"),
			"Let sel return s32", "void BPF", "s32 BPF",
		},
		{
			"member misspelt", "void BPF_STRUCT_OPS(enq, struct task_struct *p, u64 f) {}\n" + table("enqeue", "enq"),
			"Change to enqueue", ".enqeue", ".enqueue",
		},
		{
			"name", "SEC(\".struct_ops.link\") struct sched_ext_ops ops = { .name = \"my-sched v2\" };\n",
			"Change to my_sched_v2", "my-sched v2", "my_sched_v2",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			verifiertest.Fix(t, Rule, preamble+c.src, c.title, preamble+strings.Replace(c.src, c.old, c.new, 1))
		})
	}
}
