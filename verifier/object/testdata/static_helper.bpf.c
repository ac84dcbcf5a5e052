// The call is in a static function of its own.
#include "tiny.h"
static __noinline int drain(u64 queue) { return scx_bpf_dsq_move_to_local(queue); }
#define AT_ENQUEUE drain(ARG(1, u64))
#include "fifo.h"
