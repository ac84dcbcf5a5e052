// RCU sections: needed, missing, left open.
#include "../../../../verifiertest/include/test.bpf.h"

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

struct slot {
	struct task_struct __kptr *task;
};

u64 total;

/* Bad: a program that may sleep is in no section. */
s32 BPF_STRUCT_OPS_SLEEPABLE(c_init)
{
	struct task_struct *p;

	bpf_for_each(task, p, NULL, 0) // want kfunc-rcu(error) "bpf_iter_task_new needs an RCU section"
		total++;
	return 0;
}

/* Bad: left open on one way, closed twice on the other. */
void BPF_STRUCT_OPS(c_tick, struct task_struct *p)
{
	bpf_rcu_read_lock(); // want kfunc-rcu(error) "the RCU section is not closed on every path"
	if (p->pid == 1)
		return;
	bpf_rcu_read_unlock();
	bpf_rcu_read_unlock(); // want kfunc-rcu(error) "bpf_rcu_read_unlock without bpf_rcu_read_lock"
}

/* Bad: the section that protected the pointer is over. */
s32 BPF_STRUCT_OPS_SLEEPABLE(c_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct slot *s = bpf_map_lookup_elem(&total, &total);
	struct task_struct *q, *r;

	if (!s)
		return 0;
	bpf_rcu_read_lock();
	q = s->task;
	bpf_rcu_read_unlock();
	if (!q)
		return 0;
	r = bpf_task_acquire(q); // want kfunc-rcu(error) "bpf_task_acquire gets what task gave"
	if (r)
		bpf_task_release(r);
	return 0;
}

/* Good: programs that may not sleep are in a section all the time. */
void BPF_STRUCT_OPS(c_running, struct task_struct *p)
{
	struct task_struct *q;

	bpf_for_each(task, q, NULL, 0)
		total++;
}

static void enter(void) { bpf_rcu_read_lock(); }
static void leave(void) { bpf_rcu_read_unlock(); }

/* Good: entered and left in helpers, on every path. */
s32 BPF_STRUCT_OPS_SLEEPABLE(c_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct task_struct *q;
	s32 ret = 0;

	enter();
	bpf_for_each(task, q, NULL, 0) {
		if (q->pid == 9) {
			ret = -1;
			goto out;
		}
	}
out:
	leave();
	return ret;
}

SEC(".struct_ops.link")
struct sched_ext_ops rcu_ops = {
	.init = (void *)c_init,
	.tick = (void *)c_tick,
	.init_task = (void *)c_init_task,
	.running = (void *)c_running,
	.cgroup_init = (void *)c_cgroup_init,
	.name = "rcu",
};
