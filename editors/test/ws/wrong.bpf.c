// SPDX-License-Identifier: Apache-2.0
/*
 * Wrong on purpose, for the tests of editors: ops.enqueue may not pull from a
 * queue, and ops.init makes one without being declared sleepable.
 */
typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool;
struct task_struct;
struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	s32 (*init)(void);
	char name[128];
};
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")

extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
extern s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;

SEC("struct_ops/wrong_enqueue")
void wrong_enqueue(u64 *ctx)
{
	/* ü𝄞 */ scx_bpf_dsq_move_to_local(0);
}

SEC("struct_ops/wrong_init")
s32 wrong_init(u64 *ctx)
{
	return scx_bpf_create_dsq(0, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops wrong_ops = {
	.enqueue = (void *)wrong_enqueue,
	.init = (void *)wrong_init,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
