// References that are released on every path, on some, and on none.
#include "../../../../verifiertest/include/test.bpf.h"

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
void bpf_cpumask_release(struct bpf_cpumask *mask) __ksym;

struct slot {
	struct task_struct __kptr *task;
};

u64 total;

/* Bad: forgotten on one way out. */
s32 BPF_STRUCT_OPS(r_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_struct *q = bpf_task_from_pid(1); // want kfunc-reference(error) "what bpf_task_from_pid gives is not released on every path"

	if (!q)
		return 0;
	if (q->pid == 7)
		return -1;
	bpf_task_release(q);
	return prev_cpu;
}

/* Bad: overwritten in a loop; the last one is released. */
void BPF_STRUCT_OPS(r_tick, struct task_struct *p)
{
	struct task_struct *q = NULL;
	int i;

	for (i = 0; i < 3; i++)
		q = bpf_task_from_pid(i); // want kfunc-reference(error) "not released on every path"
	if (q)
		bpf_task_release(q);
}

/* Bad: twice, and what nobody acquired. */
void BPF_STRUCT_OPS(r_running, struct task_struct *p)
{
	struct task_struct *q = bpf_task_acquire(p);

	if (!q)
		return;
	bpf_task_release(q);
	bpf_task_release(q); // want kfunc-reference(error) "bpf_task_release gets what bpf_task_acquire gave after it was released"
	bpf_task_release(p); // want kfunc-reference(error) "bpf_task_release releases p, which was not acquired"
}

/* Bad: what bpf_kptr_xchg takes out belongs to the caller. */
void BPF_STRUCT_OPS(r_stopping, struct task_struct *p, bool runnable)
{
	struct slot *s = bpf_map_lookup_elem(&total, &total);
	struct task_struct *old;

	if (!s)
		return;
	old = bpf_kptr_xchg(&s->task, NULL); // want kfunc-reference(error) "what bpf_kptr_xchg gives is not released"
	if (old)
		total++;
	if (s->task)
		bpf_task_release(s->task); // want kfunc-reference(error) "a kptr that is still in its map"
}

static struct bpf_cpumask *make_mask(void) { return bpf_cpumask_create(); }

static void drop_mask(struct bpf_cpumask *m)
{
	if (m)
		bpf_cpumask_release(m);
}

/* Good: through helpers, goto, and bpf_kptr_xchg. */
void BPF_STRUCT_OPS(r_quiescent, struct task_struct *p, u64 flags)
{
	struct slot *s = bpf_map_lookup_elem(&total, &total);
	struct bpf_cpumask *m = make_mask();
	struct task_struct *q = NULL;

	if (!m)
		return;
	if (!s)
		goto out;
	q = bpf_task_acquire(p);
	if (!q)
		goto out;
	q = bpf_kptr_xchg(&s->task, q);
	if (q)
		bpf_task_release(q);
out:
	drop_mask(m);
}

#define SCOPED(name) struct task_struct *name __attribute__((cleanup(put_task)))

static void put_task(struct task_struct **p)
{
	if (*p)
		bpf_task_release(*p);
}

/* Good: released where the variable goes out of scope. */
void BPF_STRUCT_OPS(r_enable, struct task_struct *p)
{
	SCOPED(q) = bpf_task_from_pid(1);

	if (!q || q->pid == 3)
		return;
	total++;
}

/* Ugly: acquired and released under the same condition. */
void BPF_STRUCT_OPS(r_disable, struct task_struct *p)
{
	struct task_struct *q = NULL;
	bool mine = p->pid > 4;

	if (mine)
		q = bpf_task_from_pid(5);
	total++;
	if (mine && q)
		bpf_task_release(q);
}

SEC(".struct_ops.link")
struct sched_ext_ops reference_ops = {
	.select_cpu = (void *)r_select_cpu,
	.tick = (void *)r_tick,
	.running = (void *)r_running,
	.stopping = (void *)r_stopping,
	.quiescent = (void *)r_quiescent,
	.enable = (void *)r_enable,
	.disable = (void *)r_disable,
	.name = "reference",
};
