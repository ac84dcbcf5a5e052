/* Parameters and results against those of the callbacks. */
#include "../../../../verifiertest/include/test.bpf.h"

s32 BPF_STRUCT_OPS(p_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags) { return prev_cpu; }
void BPF_STRUCT_OPS(p_enqueue, struct task_struct *p) {} /* fewer are fine */
void BPF_STRUCT_OPS(p_running, struct task_struct *p, bool again) // want ops-member(error) "ops.running takes 1 argument, and p_running has a parameter more: again$"
{
	if (again)
		bpf_printk("again");
}
void BPF_STRUCT_OPS(p_runnable, struct task_struct *p, u64 flags, u64 more) {} // want ops-member(info) "has a parameter more: more, which is never read"
void BPF_STRUCT_OPS(p_tick, struct rq *rq) {} // want ops-member(warning) "argument 1 of ops.tick is struct task_struct \*, not struct rq \*"
void BPF_STRUCT_OPS(p_dispatch, struct task_struct *prev) {} // want ops-member(warning) "argument 1 of ops.dispatch is s32, not struct task_struct \*"
void BPF_STRUCT_OPS(p_yield, struct task_struct *from, struct task_struct *to) {} // want ops-member(warning) "ops.yield returns bool, and p_yield returns nothing"
int BPF_STRUCT_OPS(p_stopping, struct task_struct___old *p, bool runnable) { return 1; } /* a result too many and a flavour are fine */
void BPF_STRUCT_OPS(p_quiescent, void *p, unsigned long flags) {}
SEC("struct_ops/p_weight") int p_weight(unsigned long long *ctx) { return ctx[0] != 0; }
void BPF_STRUCT_OPS(p_mask, struct task_struct *p, const struct cpumask *mask) {}

SEC(".struct_ops.link")
struct sched_ext_ops p_ops = {
	.select_cpu = (void *)p_select,
	.enqueue = (void *)p_enqueue,
	.running = (void *)p_running,
	.runnable = (void *)p_runnable,
	.tick = (void *)p_tick,
	.dispatch = (void *)p_dispatch,
	.yield = (void *)p_yield,
	.stopping = (void *)p_stopping,
	.quiescent = (void *)p_quiescent,
	.set_weight = (void *)p_weight,
	.set_cpumask = (void *)p_mask,
	.name = "prototypes",
};
