/* Names from before 6.13, and others that are on their way out. */
#include "../../../../verifiertest/include/test.bpf.h"

void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym __weak;
void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags) __ksym __weak;

#define take(dsq) scx_bpf_consume(dsq)

void BPF_STRUCT_OPS(o_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, DSQ, 0, 0); // want kfunc-deprecated(hint) "scx_bpf_dispatch is deprecated: scx_bpf_dsq_insert took its place in 6.13"
	scx_bpf_dsq_insert_vtime(p, DSQ, 0, 0, 0);
}

void BPF_STRUCT_OPS(o_dispatch, s32 cpu, struct task_struct *prev)
{
	/* A fallback for old kernels. */
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local))
		scx_bpf_dsq_move_to_local(DSQ);
	else
		scx_bpf_consume(DSQ);
	take(DSQ);
	if (scx_bpf_cpu_rq(cpu)->curr == prev) // want kfunc-deprecated(hint) "scx_bpf_cpu_rq is deprecated: scx_bpf_cpu_curr took its place in 6.18"
		return;
}

void BPF_STRUCT_OPS(o_release, s32 cpu, struct scx_cpu_release_args *args) {}

SEC(".struct_ops.link")
struct sched_ext_ops o_ops = {
	.enqueue = (void *)o_enqueue,
	.dispatch = (void *)o_dispatch,
	.cpu_release = (void *)o_release, // want kfunc-deprecated(hint) "ops.cpu_release is deprecated since 6.19"
	.cpu_acquire = NULL,
	.name = "old",
};
