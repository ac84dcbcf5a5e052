/*
 * A whole scheduler: one queue, first come first served. A case puts code of
 * its own into ops by defining AT_<OP>, and replaces sections by SEC_<OP>.
 */
#define QUEUE 7ULL

#ifndef LICENSE_TEXT
#define LICENSE_TEXT "GPL"
#endif
char fifo_license[] SEC("license") = LICENSE_TEXT;

#ifndef AT_SELECT
#define AT_SELECT
#endif
#ifndef AT_ENQUEUE
#define AT_ENQUEUE
#endif
#ifndef AT_DISPATCH
#define AT_DISPATCH
#endif
#ifndef AT_TICK
#define AT_TICK
#endif
#ifndef AT_RUNNING
#define AT_RUNNING
#endif
#ifndef AT_INIT
#define AT_INIT
#endif
#ifndef SEC_INIT
#define SEC_INIT "struct_ops.s/init"
#endif
#ifndef SEC_ENQUEUE
#define SEC_ENQUEUE "struct_ops/enqueue"
#endif

SEC("struct_ops/select_cpu")
s32 fifo_select(u64 *ctx)
{
	AT_SELECT;
	return ARG(1, s32);
}

SEC(SEC_ENQUEUE)
int fifo_enqueue(u64 *ctx)
{
	AT_ENQUEUE;
	scx_bpf_dsq_insert(ARG(0, struct task_struct *), QUEUE, 5000000, ARG(1, u64));
	return 0;
}

SEC("struct_ops/dispatch")
int fifo_dispatch(u64 *ctx)
{
	AT_DISPATCH;
	scx_bpf_dsq_move_to_local(QUEUE);
	return 0;
}

SEC("struct_ops/tick")
int fifo_tick(u64 *ctx)
{
	AT_TICK;
	return 0;
}

SEC("struct_ops/running")
int fifo_running(u64 *ctx)
{
	AT_RUNNING;
	return 0;
}

SEC(SEC_INIT)
s32 fifo_init(u64 *ctx)
{
	AT_INIT;
	return scx_bpf_create_dsq(QUEUE, -1);
}

#ifndef TABLE_SECTION
#define TABLE_SECTION ".struct_ops.link"
#endif
#ifndef OPS_TYPE
#define OPS_TYPE struct sched_ext_ops
#endif

SEC(TABLE_SECTION)
OPS_TYPE fifo_ops = {
	.select_cpu	= (void *)fifo_select,
	.enqueue	= (void *)fifo_enqueue,
	.dispatch	= (void *)fifo_dispatch,
	.tick		= (void *)fifo_tick,
	.running	= (void *)fifo_running,
	.init		= (void *)fifo_init,
#ifdef MORE_MEMBERS
	MORE_MEMBERS
#endif
	.name		= "fifo",
};
