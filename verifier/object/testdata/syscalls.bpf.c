// What SYSCALL programs may and may not do.
#include "tiny.h"
#include "fifo.h"
SEC("syscall") int call_create(void *ctx) { return scx_bpf_create_dsq(9, -1); }
SEC("syscall") int call_move(void *ctx) { return scx_bpf_dsq_move_to_local(QUEUE); }
SEC("syscall") int call_kick(void *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }
