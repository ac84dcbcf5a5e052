// Sleepable kfuncs in sections in which nothing may sleep.
#include "../../../../verifiertest/include/test.bpf.h"

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

/* Bad. */
s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	s32 ret;

	bpf_rcu_read_lock();
	ret = scx_bpf_create_dsq(DSQ, -1); // want kfunc-sleepable(error) "scx_bpf_create_dsq may sleep, and is called between bpf_rcu_read_lock and its end"
	bpf_rcu_read_unlock();
	bpf_preempt_disable();
	scx_bpf_create_dsq(DSQ + 1, -1); // want kfunc-sleepable(error) "between bpf_preempt_disable and its end"
	bpf_preempt_enable();
	return ret;
}

/* Good: behind the end of the section. */
s32 BPF_STRUCT_OPS_SLEEPABLE(x_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return scx_bpf_create_dsq(p->pid, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops section_ops = { .init = (void *)x_init, .init_task = (void *)x_init_task, .name = "section" };
