// Pointers that may be NULL, with and without a test.
#include "../../../../verifiertest/include/test.bpf.h"

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
struct cgroup *scx_bpf_task_cgroup(struct task_struct *p) __ksym;

struct slot {
	struct task_struct __kptr *task;
};

const volatile bool trusting;
u64 total;

/* Bad: read without a test. */
void BPF_STRUCT_OPS(n_tick, struct task_struct *p)
{
	struct task_struct *q = bpf_task_from_pid(1);

	total += q->pid; // want kfunc-null(error) "what bpf_task_from_pid gave may be NULL and is used without a test"
	bpf_task_release(q);
}

/* Bad: handed on without a test, and NULL itself. */
void BPF_STRUCT_OPS(n_running, struct task_struct *p)
{
	struct task_struct *q = bpf_task_acquire(p);

	bpf_task_release(q); // want kfunc-null(error) "bpf_task_release is called with what bpf_task_acquire gave"
	bpf_task_acquire(NULL); // want kfunc-null(error) "bpf_task_acquire is called with NULL"
}

static u64 weight_of(struct task_struct *q)
{
	return q->pid; // want kfunc-null(error) "prev may be NULL"
}

/* Bad: the argument of ops.dispatch may be NULL; found in a helper. */
void BPF_STRUCT_OPS(n_dispatch, s32 cpu, struct task_struct *prev)
{
	total += weight_of(prev);
}

/* Bad: a kptr is tested on one of two paths only. */
void BPF_STRUCT_OPS(n_stopping, struct task_struct *p, bool runnable)
{
	struct slot *s = bpf_map_lookup_elem(&total, &total);
	struct task_struct *q, *r;

	if (!s)
		return;
	q = s->task;
	if (runnable || q) {
		r = bpf_task_acquire(q); // want kfunc-null(error) "bpf_task_acquire is called with what task gave"
		if (r)
			bpf_task_release(r);
	}
}

/* Only when user space sets a variable. */
void BPF_STRUCT_OPS(n_quiescent, struct task_struct *p, u64 flags)
{
	struct task_struct *q = bpf_task_from_pid(2);

	if (!trusting && !q)
		return;
	total += q->pid; // want kfunc-null(warning) "may be NULL"
	if (q)
		bpf_task_release(q);
}

/* Good: tested in every way that people write it. */
void BPF_STRUCT_OPS(n_set_weight, struct task_struct *p, u32 weight)
{
	struct task_struct *q = bpf_task_from_pid(3), *r;
	bool there;

	if (q && q->pid == 1)
		total++;
	total += q ? q->pid : 0;
	there = q != NULL;
	if (there) {
		total += q->pid;
		bpf_task_release(q);
	}
	if ((r = bpf_task_from_pid(4)) != NULL) {
		total += r->pid;
		bpf_task_release(r);
	}
	for (;;) {
		r = bpf_task_from_pid(5);
		if (!r)
			break;
		bpf_task_release(r);
	}
}

static bool usable(struct task_struct *q) { return q && q->pid > 0; }

/* Good: tested in a helper, or read where nobody looks at what was read. */
void BPF_STRUCT_OPS(n_yield, struct task_struct *from, struct task_struct *to)
{
	if (!usable(to)) {
		scx_bpf_error("nobody to yield to %d", 1);
		return;
	}
	total += to->pid;
}

/* Ugly: paths that hang together through another variable. */
void BPF_STRUCT_OPS(n_enable, struct task_struct *p)
{
	struct task_struct *q = NULL;

	if (p->flags & 4)
		q = bpf_task_acquire(p);
	if (!q && (p->flags & 4))
		return;
	if (p->flags & 4) {
		total += q->pid;
		bpf_task_release(q);
	}
}

/* Ugly: assembler, which is not followed. */
void BPF_STRUCT_OPS(n_disable, struct task_struct *p)
{
	struct task_struct *q = bpf_task_from_pid(6);

	asm volatile("if %0 == 0 goto +2" : : "r"(q));
	total += q->pid;
	bpf_task_release(q);
}

SEC(".struct_ops.link")
struct sched_ext_ops null_ops = {
	.tick = (void *)n_tick,
	.running = (void *)n_running,
	.dispatch = (void *)n_dispatch,
	.stopping = (void *)n_stopping,
	.quiescent = (void *)n_quiescent,
	.set_weight = (void *)n_set_weight,
	.yield = (void *)n_yield,
	.enable = (void *)n_enable,
	.disable = (void *)n_disable,
	.name = "null",
};
