// Calls in helpers, callbacks and macros.
#include "../../../../verifiertest/include/test.bpf.h"

#define PULL(dsq) scx_bpf_dsq_move_to_local(dsq)
#define PULL_ALL() do { PULL(DSQ); PULL(DSQ + 1); } while (0)

// Fine below dispatch, refused below enqueue: one place, one finding.
static __noinline bool pull(u64 dsq)
{
	return scx_bpf_dsq_move_to_local(dsq); // want kfunc-context "not allowed in ops.enqueue"
}

static bool pull_twice(u64 dsq)
{
	return pull(dsq) || pull(dsq + 1);
}

static long each(u32 i, void *ctx)
{
	scx_bpf_dispatch_nr_slots(); // want kfunc-context "not allowed in ops.runnable"
	return 0;
}

struct elem {
	struct bpf_timer timer;
	struct bpf_wq work;
};

static int on_timer(void *map, int *key, struct elem *e)
{
	scx_bpf_dsq_insert(NULL, DSQ, 1, 0); // want kfunc-context "not allowed in a bpf_timer callback that ops.init sets"
	scx_bpf_kick_cpu(0, 0);
	return 0;
}

static int on_work(void *map, int *key, void *value)
{
	return scx_bpf_create_dsq(DSQ, -1);
}

// A function that nothing reaches is not verified.
static void unreached(void)
{
	scx_bpf_dispatch_nr_slots();
}

void BPF_STRUCT_OPS(r_enqueue, struct task_struct *p, u64 enq_flags)
{
	pull_twice(DSQ);
}

void BPF_STRUCT_OPS(r_dispatch, s32 cpu, struct task_struct *prev)
{
	pull_twice(DSQ);
	PULL_ALL();
}

void BPF_STRUCT_OPS(r_runnable, struct task_struct *p, u64 flags)
{
	bpf_loop(4, each, NULL, 0);
}

void BPF_STRUCT_OPS(r_tick, struct task_struct *p)
{
	PULL_ALL(); // want kfunc-context "scx_bpf_dsq_move_to_local is not allowed in ops.tick"
}

s32 BPF_STRUCT_OPS_SLEEPABLE(r_init)
{
	struct elem *e = NULL;

	bpf_timer_set_callback(&e->timer, on_timer);
	bpf_wq_set_callback(&e->work, on_work, 0);
	return scx_bpf_create_dsq(DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops r_ops = {
	.enqueue = (void *)r_enqueue,
	.dispatch = (void *)r_dispatch,
	.runnable = (void *)r_runnable,
	.tick = (void *)r_tick,
	.init = (void *)r_init,
	.name = "r",
};
