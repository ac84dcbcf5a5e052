// A declaration that does not fit the kernel's function: the weak one stays
// unresolved.
#include "tiny.h"
s32 scx_bpf_dsq_nr_queued___mine(u64 dsq_id, u64 more) __ksym __weak;
#define AT_ENQUEUE scx_bpf_dsq_nr_queued___mine(1, 2)
#include "fifo.h"
