// struct_ops of another kind: up to 7.0 it may call everything, since 7.1
// nothing of sched_ext.
#include "tiny.h"
#include "fifo.h"
struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sock *sk);
	u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};
SEC("struct_ops/ssthresh")
u32 tcp_ssthresh(u64 *ctx) { scx_bpf_dsq_nr_queued(QUEUE); return 2; }
SEC("struct_ops/undo_cwnd")
u32 tcp_undo(u64 *ctx) { return 2; }
SEC(".struct_ops.link")
struct tcp_congestion_ops tcp_ops = {
	.ssthresh	= (void *)tcp_ssthresh,
	.undo_cwnd	= (void *)tcp_undo,
	.name		= "fifo_tcp",
};
