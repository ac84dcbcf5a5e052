// A constant that waits on the stack.
#include "tiny.h"
#define AT_ENQUEUE							\
	volatile u64 kept = 3;						\
	bpf_ktime_get_ns();						\
	if (kept != 3)							\
		scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
