// Two tables share programs; only the second one wires the bad one.
#include "tiny.h"
#include "fifo.h"
SEC("struct_ops/whatever")
int second_tick(u64 *ctx) { scx_bpf_dispatch_nr_slots(); return 0; }
SEC(".struct_ops.link")
struct sched_ext_ops second_ops = {
	.enqueue	= (void *)fifo_enqueue,
	.tick		= (void *)second_tick,
	.name		= "second",
};
