/* Nothing has taken the place of scx_bpf_cpu_rq() and cpu_release yet. */
#include "../../../../verifiertest/include/test.bpf.h"

struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym __weak;

void BPF_STRUCT_OPS(e_release, s32 cpu, struct scx_cpu_release_args *args)
{
	scx_bpf_cpu_rq(cpu);
}

SEC(".struct_ops.link")
struct sched_ext_ops e_ops = { .cpu_release = (void *)e_release, .name = "early" };
