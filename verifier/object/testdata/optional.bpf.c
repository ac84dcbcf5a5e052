// A program and a table that user space has to ask for.
#include "tiny.h"
#include "fifo.h"
SEC("?kprobe/schedule") int kp_kick(void *ctx) { scx_bpf_dsq_nr_queued(QUEUE); return 0; }
