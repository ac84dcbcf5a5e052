// SPDX-License-Identifier: Apache-2.0
// scx-lsp: kernels 6.13..7.3
/*
 * Wrong on purpose. The author wants a timer to balance the queues:
 *  - the timer's callback moves tasks as ops.dispatch would. It is set by
 *    ops.init, so it may call what ops.init may: making queues, not draining
 *    them. Kicking the CPU, so that its own ops.dispatch runs, is the way;
 *  - ops.init makes a queue, which may sleep, but is not declared sleepable;
 *  - a syscall program, run by the user-space half, asks how many tasks may
 *    still be dispatched: a question that has a meaning in ops.dispatch only.
 */
#include "example.bpf.h"

char _license[] SEC("license") = "GPL";

#define CLOCK_MONOTONIC 1
#define PERIOD_NS (10ULL * 1000 * 1000)

struct balance_timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct balance_timer);
} balance_timers SEC(".maps");

static int balance(void *map, u32 *key, struct balance_timer *t)
{
	if (scx_bpf_dsq_nr_queued(SHARED_DSQ))
		scx_bpf_dsq_move_to_local(SHARED_DSQ);
	scx_bpf_kick_cpu(0, 0);
	bpf_timer_start(&t->timer, PERIOD_NS, 0);
	return 0;
}

void BPF_STRUCT_OPS(balancer_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SHARED_DSQ, SLICE_NS, enq_flags);
}

s32 BPF_STRUCT_OPS(balancer_init)
{
	u32 key = 0;
	struct balance_timer *t = bpf_map_lookup_elem(&balance_timers, &key);

	if (!t)
		return -1;
	bpf_timer_init(&t->timer, &balance_timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&t->timer, balance);
	bpf_timer_start(&t->timer, PERIOD_NS, 0);
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

SEC("syscall")
int slots_left(void *ctx)
{
	return scx_bpf_dispatch_nr_slots();
}

SEC(".struct_ops.link")
struct sched_ext_ops balancer_ops = {
	.enqueue	= (void *)balancer_enqueue,
	.init		= (void *)balancer_init,
	.name		= "balancer",
};
