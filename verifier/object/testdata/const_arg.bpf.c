// The helper drains only when it is told to; enqueue tells it not to, tick
// does.
#include "tiny.h"
static __noinline int work(u64 queue, bool drain)
{
	barrier_var(queue);
	if (drain)
		return scx_bpf_dsq_move_to_local(queue);
	return 0;
}
#define AT_ENQUEUE work(1, false); work(2, false)
#define AT_TICK work(bpf_ktime_get_ns(), true)
#define AT_DISPATCH work(3, true)
#include "fifo.h"
