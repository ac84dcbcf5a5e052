// What the verifier never walks is not reported; what a variable's default
// closes is a warning.
#include "../../../../verifiertest/include/test.bpf.h"

const volatile bool off = false;
const volatile bool on = true;

struct scx_no_such_type___mine {
	int x;
} __attribute__((preserve_access_index));

static void pull_if(bool in_dispatch)
{
	if (in_dispatch)
		scx_bpf_dsq_move_to_local(DSQ);
	else
		scx_bpf_kick_cpu(0, 0);
}

// The verifier walks a global function on its own, with unknown arguments.
__noinline int pull_global(bool in_dispatch)
{
	if (in_dispatch)
		scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context(error) "ops.running"
	return 0;
}

// Every kernel since 6.19 has the v2 form, which may be called anywhere.
static inline void reenqueue(void)
{
	if (bpf_ksym_exists(scx_bpf_reenqueue_local___v2___compat))
		scx_bpf_reenqueue_local___v2___compat();
	else
		scx_bpf_reenqueue_local();
}

void BPF_STRUCT_OPS(p_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (off)
		scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context(warning) "ops.enqueue"
	if (on)
		scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context(error) "ops.enqueue"
	if (bpf_core_type_exists(struct scx_no_such_type___mine))
		scx_bpf_dsq_move_to_local(DSQ);
	// The database does not hold all types of the kernel, and never guesses.
	if (bpf_core_type_exists(struct no_such_type))
		scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context(info) "ops.enqueue"
	if (bpf_ksym_exists(scx_bpf_no_such_kfunc))
		scx_bpf_dsq_move_to_local(DSQ);
	if (!bpf_ksym_exists(scx_bpf_no_such_kfunc))
		return;
	scx_bpf_dsq_move_to_local(DSQ);
}

void BPF_STRUCT_OPS(p_running, struct task_struct *p)
{
	pull_if(false);
	pull_global(false);
	reenqueue();
}

void BPF_STRUCT_OPS(p_stopping, struct task_struct *p, bool runnable)
{
	bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___compat) ?
		scx_bpf_dsq_move_to_local___v2___compat(DSQ, 0) : // want kfunc-context "scx_bpf_dsq_move_to_local"
		scx_bpf_dsq_move_to_local(DSQ);
}

void BPF_STRUCT_OPS(p_dispatch, s32 cpu, struct task_struct *prev)
{
	pull_if(true);
}

SEC(".struct_ops.link")
struct sched_ext_ops p_ops = {
	.enqueue = (void *)p_enqueue,
	.running = (void *)p_running,
	.stopping = (void *)p_stopping,
	.dispatch = (void *)p_dispatch,
	.name = "p",
};
