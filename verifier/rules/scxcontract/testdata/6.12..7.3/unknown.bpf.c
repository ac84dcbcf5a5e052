/* Where it cannot be told which DSQs there are, nothing is said of them. */
#include "../../../../verifiertest/include/test.bpf.h"

u64 next_id(void);

void BPF_STRUCT_OPS(u_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 5, SCX_SLICE_DFL, enq_flags);
	if (enq_flags)
		return;
	scx_bpf_dsq_insert(p, 6, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(u_init)
{
	return scx_bpf_create_dsq(next_id(), -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops u_ops = { .enqueue = (void *)u_enqueue, .init = (void *)u_init, .name = "unknown" };
