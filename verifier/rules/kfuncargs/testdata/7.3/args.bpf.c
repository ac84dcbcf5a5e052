// Arguments that can't be right.
#include "../../../../verifiertest/include/test.bpf.h"

struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
u64 scx_bpf_now(u64 unused) __ksym;

/* Bad: a variable, a number, one argument too many. */
void BPF_STRUCT_OPS(a_tick, struct task_struct *p)
{
	u64 x = 0;
	struct task_struct *q = (struct task_struct *)&x;

	q = bpf_task_acquire(q); // want kfunc-args(error) "bpf_task_acquire gets the address of a variable where an object of the kernel must be"
	if (q)
		bpf_task_release(q);
	q = bpf_task_acquire((void *)4096); // want kfunc-args(error) "bpf_task_acquire gets a number"
	if (q)
		bpf_task_release(q);
	scx_bpf_now(1); // want kfunc-args(error) "scx_bpf_now takes 0 arguments"
}

/* Good. */
void BPF_STRUCT_OPS(a_running, struct task_struct *p)
{
	struct task_struct *q = bpf_task_acquire(p);

	if (q)
		bpf_task_release(q);
	scx_bpf_kick_cpu(0, 0);
}

SEC(".struct_ops.link")
struct sched_ext_ops args_ops = { .tick = (void *)a_tick, .running = (void *)a_running, .name = "args" };
