// Sleepable kfuncs in programs that may and may not sleep.
#include "../../../../verifiertest/include/test.bpf.h"

struct elem {
	struct bpf_timer timer;
	struct bpf_wq work;
};

static s32 make(u64 dsq)
{
	return scx_bpf_create_dsq(dsq, -1); // want kfunc-sleepable(error) "scx_bpf_create_dsq may sleep, and s_init_task is not declared sleepable"
}

static int on_timer(void *map, int *key, struct elem *e)
{
	return scx_bpf_create_dsq(DSQ, -1); // want kfunc-sleepable "a bpf_timer callback that ops.exit sets may not"
}

static int on_work(void *map, int *key, void *value)
{
	return scx_bpf_create_dsq(DSQ, -1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(s_init)
{
	return make(DSQ);
}

s32 BPF_STRUCT_OPS(s_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return make(DSQ);
}

void BPF_STRUCT_OPS_SLEEPABLE(s_exit, struct scx_exit_info *ei)
{
	struct elem *e = NULL;

	bpf_timer_set_callback(&e->timer, on_timer);
	bpf_wq_set_callback(&e->work, on_work, 0);
}

// Not sleepable is not the point here: running allows no such group at all.
void BPF_STRUCT_OPS(s_running, struct task_struct *p)
{
	scx_bpf_create_dsq(DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops s_ops = {
	.init = (void *)s_init,
	.init_task = (void *)s_init_task,
	.exit = (void *)s_exit,
	.running = (void *)s_running,
	.name = "s",
};
