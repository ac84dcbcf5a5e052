// Calls in the body of an ops function, and the members that allow them.
#include "../../../../verifiertest/include/test.bpf.h"

s32 BPF_STRUCT_OPS(t_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle;

	scx_bpf_dsq_insert(p, DSQ, 1, 0);
	scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context(error) "scx_bpf_dsq_move_to_local is not allowed in ops.select_cpu \(only in ops.dispatch\)"
	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
}

void BPF_STRUCT_OPS(t_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, DSQ, 1, enq_flags);
	if (scx_bpf_dsq_move_to_local(DSQ)) // want kfunc-context(error) "not allowed in ops.enqueue"
		scx_bpf_kick_cpu(0, 0);
}

void BPF_STRUCT_OPS(t_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(DSQ);
	scx_bpf_dsq_insert(prev, DSQ, 1, 0);
	scx_bpf_dispatch_nr_slots();
}

// The name says dispatch, the table says running.
void BPF_STRUCT_OPS(t_dispatch_more, struct task_struct *p)
{
	scx_bpf_dsq_insert(p, DSQ, 1, 0); // want kfunc-context "scx_bpf_dsq_insert is not allowed in ops.running"
}

// No table names it, so libbpf never loads it.
void BPF_STRUCT_OPS(t_unused, struct task_struct *p)
{
	scx_bpf_dsq_move_to_local(DSQ);
}

SEC(".struct_ops.link")
struct sched_ext_ops t_ops = {
	.select_cpu = (void *)t_select_cpu,
	.enqueue = (void *)t_enqueue,
	.dispatch = t_dispatch,
	.running = (void *)t_dispatch_more,
	.name = "t",
};
