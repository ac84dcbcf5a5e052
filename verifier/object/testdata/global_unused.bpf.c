// A global function that no program calls.
#include "tiny.h"
__noinline int drain(u64 queue) { return scx_bpf_dsq_move_to_local(queue); }
#include "fifo.h"
