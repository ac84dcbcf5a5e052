/* A scheduler that takes sub-schedulers must say for whom it inserts. */
#include "../../../../verifiertest/include/test.bpf.h"

void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags) __ksym __weak;
s32 scx_bpf_select_cpu_and(struct task_struct *p, s32 prev, u64 wake_flags, const struct cpumask *mask, u64 flags) __ksym;

s32 BPF_STRUCT_OPS(s_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, p->cpus_ptr, 0); // want kfunc-deprecated(warning) "scx_bpf_select_cpu_and ends the scheduler once a sub-scheduler is attached"
}

void BPF_STRUCT_OPS(s_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, DSQ, 0, 0, 0); // want kfunc-deprecated(warning) "scx_bpf_dsq_insert_vtime ends the scheduler once a sub-scheduler is attached"
}

s32 BPF_STRUCT_OPS_SLEEPABLE(s_attach, struct scx_sub_attach_args *args) { return 0; }

SEC(".struct_ops.link")
struct sched_ext_ops s_ops = {
	.select_cpu = (void *)s_select, .enqueue = (void *)s_enqueue, .sub_attach = (void *)s_attach, .name = "sub",
};
