// Kfuncs that 7.3 does not have.
#include "../../../../verifiertest/include/test.bpf.h"

void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym; // want kfunc-unavailable(error) "scx_bpf_cpu_rq is declared without __weak and does not exist in Linux 7.3 \(6.12 to 7.2 have it\)"
void scx_bpf_never_was(void) __ksym;
void scx_bpf_unused(void) __ksym;
void bpf_of_some_module(void) __ksym;

static inline void in_dead_code(void)
{
	scx_bpf_cpu_rq(0);
}

static inline void never_compiled(void)
{
	scx_bpf_unused();
}

void BPF_STRUCT_OPS(m_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, DSQ, 1, enq_flags); // want kfunc-unavailable(error) "scx_bpf_dispatch does not exist in Linux 7.3 \(6.12 to 6.16 have it\)"
	scx_bpf_never_was(); // want kfunc-unavailable(error) "scx_bpf_never_was does not exist in Linux 7.3$"
	bpf_of_some_module();
	if (bpf_ksym_exists(scx_bpf_no_such_kfunc))
		in_dead_code();
}

void BPF_STRUCT_OPS(m_dispatch, s32 cpu, struct task_struct *prev)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local))
		scx_bpf_dsq_move_to_local(DSQ);
	else
		scx_bpf_consume(DSQ);
	if (bpf_ksym_exists(scx_bpf_consume))
		scx_bpf_consume(DSQ);
}

SEC(".struct_ops.link")
struct sched_ext_ops m_ops = {
	.enqueue = (void *)m_enqueue,
	.dispatch = (void *)m_dispatch,
	.name = "m",
};
