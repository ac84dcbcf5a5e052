// SPDX-License-Identifier: Apache-2.0
// scx-lsp: kernels 6.13..7.3
/*
 * Wrong on purpose. The author wants a task to start sooner than the next
 * ops.dispatch, and so:
 *  - pulls from the shared queue as soon as something is put into it, in a
 *    helper that ops.enqueue and ops.dispatch share, though only ops.dispatch
 *    may pull;
 *  - puts a task back into the queue from ops.stopping, where nothing may be
 *    inserted.
 * Both compile without a warning. Up to Linux 7.0 they load, and sched_ext
 * throws the scheduler out when the calls first run; since 7.1 they don't load.
 */
#include "example.bpf.h"

char _license[] SEC("license") = "GPL";

static bool pull(s32 cpu)
{
	if (!scx_bpf_dsq_nr_queued(SHARED_DSQ))
		return false;
	return scx_bpf_dsq_move_to_local(SHARED_DSQ);
}

void BPF_STRUCT_OPS(eager_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SHARED_DSQ, SLICE_NS, enq_flags);
	pull(scx_bpf_task_cpu(p));
}

void BPF_STRUCT_OPS(eager_dispatch, s32 cpu, struct task_struct *prev)
{
	pull(cpu);
}

void BPF_STRUCT_OPS(eager_stopping, struct task_struct *p, bool runnable)
{
	if (runnable)
		scx_bpf_dsq_insert(p, SHARED_DSQ, SLICE_NS, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(eager_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops eager_ops = {
	.enqueue	= (void *)eager_enqueue,
	.dispatch	= (void *)eager_dispatch,
	.stopping	= (void *)eager_stopping,
	.init		= (void *)eager_init,
	.name		= "eager",
};
