// Locks, and sections with preemption or interrupts off.
#include "../../../../verifiertest/include/test.bpf.h"

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;
void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;
long bpf_spin_lock(struct bpf_spin_lock *lock);
long bpf_spin_unlock(struct bpf_spin_lock *lock);

struct bpf_spin_lock lock, other;
unsigned long global_flags;
u64 total;

/* Bad: left open, left twice. */
void BPF_STRUCT_OPS(l_tick, struct task_struct *p)
{
	bpf_preempt_disable(); // want kfunc-locked(error) "the section that bpf_preempt_disable opens is not closed on every path"
	if (p->pid == 1)
		return;
	bpf_preempt_enable();
	bpf_preempt_enable(); // want kfunc-locked(error) "bpf_preempt_enable without bpf_preempt_disable"
}

/* Bad: the wrong order, and no variable. */
void BPF_STRUCT_OPS(l_running, struct task_struct *p)
{
	unsigned long a, b;

	bpf_local_irq_save(&a);
	bpf_local_irq_save(&b);
	bpf_local_irq_restore(&a); // want kfunc-locked(error) "interrupts are not restored in the order"
	bpf_local_irq_restore(&b);
	bpf_local_irq_save(&global_flags); // want kfunc-locked(error) "the flags of bpf_local_irq_save are no variable"
}

/* Bad: a kfunc and a second lock under a lock, and no unlock. */
void BPF_STRUCT_OPS(l_stopping, struct task_struct *p, bool runnable)
{
	bpf_spin_lock(&lock); // want kfunc-locked(error) "the section that bpf_spin_lock opens is not closed"
	scx_bpf_kick_cpu(0, 0); // want kfunc-locked(error) "scx_bpf_kick_cpu is called under bpf_spin_lock"
	bpf_spin_lock(&other); // want kfunc-locked(error) "a second bpf_spin_lock is taken"
}

static void balance(void)
{
	bpf_preempt_disable();
	bpf_preempt_disable();
	total++;
	bpf_preempt_enable();
	bpf_preempt_enable();
}

/* Good: sections inside of sections, in helpers and loops. */
void BPF_STRUCT_OPS(l_enable, struct task_struct *p)
{
	unsigned long a, b;
	int i;

	for (i = 0; i < 4; i++) {
		bpf_local_irq_save(&a);
		bpf_local_irq_save(&b);
		balance();
		if (p->pid == i) {
			bpf_local_irq_restore(&b);
			bpf_local_irq_restore(&a);
			continue;
		}
		bpf_local_irq_restore(&b);
		bpf_local_irq_restore(&a);
	}
	bpf_spin_lock(&lock);
	total++;
	bpf_spin_unlock(&lock);
}

SEC(".struct_ops.link")
struct sched_ext_ops locked_ops = {
	.tick = (void *)l_tick,
	.running = (void *)l_running,
	.stopping = (void *)l_stopping,
	.enable = (void *)l_enable,
	.name = "locked",
};
