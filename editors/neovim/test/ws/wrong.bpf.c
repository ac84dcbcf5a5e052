// SPDX-License-Identifier: Apache-2.0
/* ops.enqueue may not pull from a queue: what the test of the editor is about. */
typedef unsigned long long u64;
typedef int s32;
typedef _Bool bool;
struct task_struct;
struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	char name[128];
};
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")

extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;

SEC("struct_ops/wrong_enqueue")
void wrong_enqueue(u64 *ctx)
{
	/* ü𝄞 */ scx_bpf_dsq_move_to_local(0);
}

SEC(".struct_ops.link")
struct sched_ext_ops wrong_ops = {
	.enqueue = (void *)wrong_enqueue,
	.name = "wrong",
};

char _license[] SEC("license") = "GPL";
