/* What a flag of the table decides. */
#include "../../../../verifiertest/include/test.bpf.h"

struct task_struct *scx_bpf_tid_to_task(u64 tid) __ksym __weak;
s32 scx_bpf_pick_idle_cpu(const struct cpumask *mask, u64 flags) __ksym;

void BPF_STRUCT_OPS(f_idle, s32 cpu, bool idle) {}

s32 BPF_STRUCT_OPS(f_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_tid_to_task(5); // want scx-contract(warning) "scx_bpf_tid_to_task needs SCX_OPS_TID_TO_TASK in .flags"
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); // want scx-contract(warning) "scx_bpf_pick_idle_cpu asks the built-in idle tracking, which ops.update_idle turns off"
}

SEC(".struct_ops.link")
struct sched_ext_ops f_ops = {
	.select_cpu = (void *)f_select, .update_idle = (void *)f_idle, .flags = SCX_OPS_ENQ_EXITING, .name = "flags",
};

s32 BPF_STRUCT_OPS(g_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_tid_to_task(5);
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
}

SEC(".struct_ops.link")
struct sched_ext_ops g_ops = {
	.select_cpu = (void *)g_select, .update_idle = (void *)f_idle, .name = "flags",
	.flags = SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_TID_TO_TASK,
};

s32 BPF_STRUCT_OPS(h_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	scx_bpf_tid_to_task(5);
	return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
}

SEC(".struct_ops.link")
struct sched_ext_ops h_ops = {
	.select_cpu = (void *)h_select, .update_idle = (void *)f_idle, .name = "flags", .flags = FLAGS_OF_OURS,
};
