// Programs of other types, and ops tables of other types.
#include "../../../../verifiertest/include/test.bpf.h"

SEC("syscall")
int sys(void *ctx)
{
	scx_bpf_kick_cpu(0, 0);
	scx_bpf_create_dsq(DSQ, -1);
	return scx_bpf_dsq_move_to_local(DSQ); // want kfunc-context "not allowed in a syscall program"
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	scx_bpf_kick_cpu(0, 0);
	scx_bpf_dsq_insert(prev, DSQ, 1, 0); // want kfunc-context "not allowed in a tp_btf program"
	return 0;
}

SEC("kprobe/schedule")
int on_schedule(void *ctx)
{
	scx_bpf_kick_cpu(0, 0); // want kfunc-context "not allowed in a kprobe program"
	return 0;
}

SEC("struct_ops/ssthresh")
__u32 BPF_PROG(foreign_ssthresh, struct sock *sk)
{
	scx_bpf_kick_cpu(0, 0); // want kfunc-context "not allowed in tcp_congestion_ops.ssthresh"
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops foreign = {
	.ssthresh = (void *)foreign_ssthresh,
	.name = "foreign",
};

// In the cid form, CPUs are not named by number.
void BPF_STRUCT_OPS(c_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, DSQ, 1, enq_flags);
	scx_bpf_kick_cid(0, 0);
	scx_bpf_kick_cpu(0, 0); // want kfunc-context "scx_bpf_kick_cpu is not allowed in ops.enqueue \(cid-form\)"
}

SEC(".struct_ops.link")
struct sched_ext_ops_cid c_ops = {
	.enqueue = (void *)c_enqueue,
	.name = "c",
};

// A type that the kernel doesn't know is not judged, nor is a section that
// names no program type.
SEC("struct_ops/anything")
void BPF_PROG(mine, struct task_struct *p)
{
	scx_bpf_dsq_move_to_local(DSQ);
}

SEC(".struct_ops.link")
struct my_own_ops m_ops = {
	.anything = (void *)mine,
};

SEC("no_such_section/x")
int nothing(void *ctx)
{
	return scx_bpf_dsq_move_to_local(DSQ);
}

// libbpf does not load it unless user space asks.
SEC("?kprobe/schedule_timeout")
int on_request(struct pt_regs *ctx)
{
	scx_bpf_kick_cpu(0, 0); // want kfunc-context(warning) "not allowed in a kprobe program"
	return 0;
}
