// The same with a global function: its arguments are unknown wherever it is
// called, so that enqueue is refused too.
#include "tiny.h"
__noinline int work(u64 queue, int drain)
{
	barrier_var(queue);
	if (drain)
		return scx_bpf_dsq_move_to_local(queue);
	return 0;
}
#define AT_ENQUEUE work(1, 0)
#define AT_DISPATCH work(3, 1)
#include "fifo.h"
