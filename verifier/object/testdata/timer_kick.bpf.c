// A timer that init arms kicks a CPU, as many schedulers do.
#include "tiny.h"
#include "timer.h"
static int fire(void *map, u32 *key, struct tick_timer *t)
{
	scx_bpf_kick_cpu(0, 0);
	bpf_timer_start(&t->timer, 2000000, 0);
	return 0;
}
#define AT_INIT arm(fire)
#include "fifo.h"
