// In a header that is not here, a kfunc's name may be a macro of other arguments.
#include <scx/not_here.bpf.h>

void BPF_STRUCT_OPS(m_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(1, 0);
}

SEC(".struct_ops.link")
struct sched_ext_ops m_ops = { .dispatch = (void *)m_dispatch, .name = "m" };
