// SPDX-License-Identifier: Apache-2.0
/*
 * A scheduler that compiles and that no kernel runs. Find out why: hover over
 * what is underlined, and look at the Problems. This copy is yours to change.
 */
typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool;
struct task_struct;
struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	s32 (*init)(void);
	char name[128];
};
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")

extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
extern s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;

#define SHARED_DSQ 0

/* Both ops.enqueue and ops.dispatch call this. Only one of them may. */
static bool pull(void)
{
	return scx_bpf_dsq_move_to_local(SHARED_DSQ);
}

SEC("struct_ops/sample_enqueue")
void sample_enqueue(u64 *ctx)
{
	pull();
}

SEC("struct_ops/sample_dispatch")
void sample_dispatch(u64 *ctx)
{
	pull();
}

/* Making a queue may sleep; what is this program allowed to? */
SEC("struct_ops/sample_init")
s32 sample_init(u64 *ctx)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops sample_ops = {
	.enqueue = (void *)sample_enqueue,
	.dispatch = (void *)sample_dispatch,
	.init = (void *)sample_init,
	.name = "sample",
};

char _license[] SEC("license") = "GPL";
