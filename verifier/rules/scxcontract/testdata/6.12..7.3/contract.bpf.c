/* Calls that end the scheduler when they run. */
#include "../../../../verifiertest/include/test.bpf.h"

#define MADE 1
#define ORDERED 2
enum { FORGOTTEN = 3 };

const volatile bool option;
int random_cpu;

static void insert_helper(struct task_struct *p, u64 dsq)
{
	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, 0);
}

static void deep(struct task_struct *p)
{
	scx_bpf_dsq_insert_vtime(p, SCX_DSQ_LOCAL_ON | random_cpu, SCX_SLICE_DFL, 0, 0); // want scx-contract(error) "orders by vtime, and the built-in DSQ SCX_DSQ_LOCAL_ON is a FIFO"
}

s32 BPF_STRUCT_OPS(c_select, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	/* Once is what is allowed. */
	scx_bpf_dsq_insert(p, MADE, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0); // want scx-contract(error) "p is inserted a second time on the same path"
	return prev_cpu;
}

void BPF_STRUCT_OPS(c_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->pid == 1) {
		scx_bpf_dsq_insert(p, FORGOTTEN, SCX_SLICE_DFL, enq_flags); // want scx-contract(error) "DSQ FORGOTTEN is never created"
		return;
	}
	if (p->pid == 2)
		scx_bpf_dsq_insert(p, MADE, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert_vtime(p, ORDERED, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
	insert_helper(p, random_cpu);
	deep(p);
	if (option)
		scx_bpf_dsq_insert(p, 77, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_insert(p, ORDERED, SCX_SLICE_DFL, 0); // want scx-contract(warning) "DSQ ORDERED is ordered by vtime elsewhere"
	scx_bpf_kick_cpu(0, SCX_KICK_IDLE | SCX_KICK_PREEMPT); // want scx-contract(error) "SCX_KICK_IDLE and SCX_KICK_PREEMPT exclude each other"
	scx_bpf_kick_cpu(0, p ? SCX_KICK_IDLE : SCX_KICK_WAIT);
	scx_bpf_dump("no"); // want scx-contract(error) "scx_bpf_dump writes to a dump, and ops.enqueue is no callback that makes one"
}

void BPF_STRUCT_OPS(c_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *a = 0, *b = 0;

	/* Any number of tasks. */
	scx_bpf_dsq_insert(a, MADE, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_insert(b, MADE, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_insert(b, MADE, SCX_SLICE_DFL, 0);
	scx_bpf_dsq_move_to_local(SCX_DSQ_GLOBAL); // want scx-contract(error) "moves from DSQs that the scheduler created, and SCX_DSQ_GLOBAL is built in"
	scx_bpf_dsq_move_to_local(MADE);
	scx_bpf_dsq_move_to_local(0xbad); // want scx-contract(error) "DSQ 0xbad is never created"
}

void BPF_STRUCT_OPS(c_dump, struct scx_dump_ctx *ctx)
{
	scx_bpf_dump("yes");
}

s32 BPF_STRUCT_OPS_SLEEPABLE(c_init)
{
	scx_bpf_create_dsq(ORDERED, -1);
	return scx_bpf_create_dsq(MADE, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops c_ops = {
	.select_cpu = (void *)c_select,
	.enqueue = (void *)c_enqueue,
	.dispatch = (void *)c_dispatch,
	.dump = (void *)c_dump,
	.init = (void *)c_init,
	.name = "contract",
};
