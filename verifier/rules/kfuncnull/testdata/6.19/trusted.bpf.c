// Up to 6.19 only some arguments have to be trusted.
#include "../../../../verifiertest/include/test.bpf.h"

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;

s32 cpu;

void BPF_STRUCT_OPS(t_tick, struct task_struct *p)
{
	struct task_struct *q = bpf_task_from_pid(1);

	bpf_task_release(q); // want kfunc-null(error) "bpf_task_release is called with what bpf_task_from_pid gave"
}

SEC(".struct_ops.link")
struct sched_ext_ops trusted_ops = { .tick = (void *)t_tick, .name = "trusted" };
