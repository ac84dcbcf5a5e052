// The switch goes through a helper's argument and a field.
#include "tiny.h"
struct config { u32 pad; u32 drain; u64 queue; };
const volatile struct config config = { .drain = 0, .queue = 7 };
static __noinline int work(u64 queue, u32 drain)
{
	if (drain > 1)
		return scx_bpf_dsq_move_to_local(queue);
	return 0;
}
#define AT_ENQUEUE work(config.queue, config.drain)
#include "fifo.h"
