package kfuncdeprecated

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// TestRenameFix renames a kfunc with its declaration; a name that is declared
// already is not declared twice.
func TestRenameFix(t *testing.T) {
	const before = `#include "vmlinux.h"
bool scx_bpf_consume(u64 dsq_id) __ksym;
void BPF_STRUCT_OPS(disp, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_consume(1)) /* scx_bpf_consume */
		return;
}
SEC(".struct_ops.link") struct sched_ext_ops ops = { .dispatch = (void *)disp, .name = "a" };
`
	comment := strings.Replace(strings.ReplaceAll(before, "scx_bpf_consume", "scx_bpf_dsq_move_to_local"),
		"/* scx_bpf_dsq_move_to_local */", "/* scx_bpf_consume */", 1)
	verifiertest.Fix(t, Rule, before, "Rename scx_bpf_consume to scx_bpf_dsq_move_to_local", comment)

	const call = `void BPF_STRUCT_OPS(disp, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p = scx_bpf_cpu_rq(cpu)->curr;
}
SEC(".struct_ops.link") struct sched_ext_ops ops = { .dispatch = (void *)disp, .name = "a" };
`
	verifiertest.Fix(t, Rule, call, "Ask for the running task with scx_bpf_cpu_curr",
		strings.Replace(call, "scx_bpf_cpu_rq(cpu)->curr", "scx_bpf_cpu_curr(cpu)", 1))
}

// TestSuccessorsAreKnown: a hint names something that the newest kernel has.
func TestSuccessorsAreKnown(t *testing.T) {
	for name, to := range wrappers {
		if btfdb.Newest().Kfunc(to) == nil || btfdb.Newest().Kfunc(name) == nil {
			t.Errorf("Linux %s has no %s or no %s", btfdb.Newest().Release, name, to)
		}
	}
}
