// Everything is inlined; the line to show is the call in drain_all(), the way
// there goes through two functions that the object no longer has.
#include "tiny.h"
static __always_inline void drain_one(u64 queue) { scx_bpf_dsq_move_to_local(queue); }
static __always_inline void drain_all(void)
{
	drain_one(1);
	drain_one(2);
}
#define AT_ENQUEUE drain_all()
#include "fifo.h"
