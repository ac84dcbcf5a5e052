// What only a part of the range has is a warning that names the rest.
#include "../../../../verifiertest/include/test.bpf.h"

bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
struct task_struct *scx_bpf_cpu_curr(s32 cpu) __ksym __weak;

void BPF_STRUCT_OPS(r_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_cpu_curr(0); // want kfunc-unavailable(warning) "scx_bpf_cpu_curr does not exist in Linux 6.16, 6.17 \(first in 6.18\)"
}

void BPF_STRUCT_OPS(r_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume(DSQ); // want kfunc-unavailable(warning) "scx_bpf_consume does not exist in Linux 6.17 to 7.3"
	if (bpf_ksym_exists(scx_bpf_cpu_curr))
		scx_bpf_cpu_curr(0);
	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 18, 0))
		scx_bpf_cpu_curr(0);
	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 17, 0))
		scx_bpf_cpu_curr(0); // want kfunc-unavailable(warning) "does not exist in Linux 6.17 "
}

SEC(".struct_ops.link")
struct sched_ext_ops r_ops = {
	.enqueue = (void *)r_enqueue,
	.dispatch = (void *)r_dispatch,
	.name = "r",
};
