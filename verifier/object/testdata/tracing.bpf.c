// What programs that trace may and may not do.
#include "tiny.h"
#include "fifo.h"
SEC("tp_btf/sched_switch") int tp_kick(u64 *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }
SEC("tp_btf/sched_switch") int tp_move(u64 *ctx) { return scx_bpf_dsq_move_to_local(QUEUE); }
SEC("fentry/bpf_fentry_test1") int fe_kick(u64 *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }
SEC("fentry/bpf_fentry_test1") int fe_move(u64 *ctx) { return scx_bpf_dsq_move_to_local(QUEUE); }
SEC("kprobe/schedule") int kp_kick(void *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }
SEC("tracepoint/sched/sched_switch") int tr_kick(void *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }
