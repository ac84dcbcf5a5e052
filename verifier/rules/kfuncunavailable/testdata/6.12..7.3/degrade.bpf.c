/* What wrappers come to on older kernels, and what is there and does not work. */
#include "../../../../verifiertest/include/test.bpf.h"
#include "scx/compat.bpf.h"

struct task_struct *scx_bpf_dsq_peek(u64 dsq_id) __ksym __weak;

void BPF_STRUCT_OPS(d_enqueue, struct task_struct *p, u64 enq_flags)
{
	char buf[8];

	__COMPAT_scx_bpf_events(buf, 8); // want kfunc-unavailable(hint) "__COMPAT_scx_bpf_events does nothing on Linux 6.12..6.14"
	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 16, 0))
		__COMPAT_scx_bpf_events(buf, 8);
	__COMPAT_scx_bpf_now(); /* has something in its place everywhere */
	scx_bpf_dsq_reenq(DSQ, 0); // want kfunc-unavailable(hint) "scx_bpf_dsq_reenq ends the scheduler on Linux 6.12..7.0"
}

void BPF_STRUCT_OPS(d_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_sub_dispatch(1); // want kfunc-unavailable(hint) "scx_bpf_sub_dispatch gives false on Linux 6.12..7.0"
	scx_bpf_task_set_dsq_vtime(prev, 1); /* stores by itself */
	__COMPAT_scx_bpf_nr_node_ids(); // want kfunc-unavailable(hint) "__COMPAT_scx_bpf_nr_node_ids gives 1 on Linux 6.12..6.14"
	if (bpf_ksym_exists(scx_bpf_dsq_peek))
		scx_bpf_dsq_peek(DSQ); // want kfunc-unavailable(info) "scx_bpf_dsq_peek works only from Linux 7.1 on: before, it may give NULL"
	if (bpf_ksym_exists(scx_bpf_dsq_peek) && LINUX_KERNEL_VERSION >= KERNEL_VERSION(7, 1, 0))
		scx_bpf_dsq_peek(DSQ);
}

SEC(".struct_ops.link")
struct sched_ext_ops d_ops = { .enqueue = (void *)d_enqueue, .dispatch = (void *)d_dispatch, .name = "d" };
