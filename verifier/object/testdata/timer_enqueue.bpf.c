// A timer that enqueue arms drains a queue.
#include "tiny.h"
#include "timer.h"
static int fire(void *map, u32 *key, void *value) { scx_bpf_dsq_move_to_local(3); return 0; }
#define AT_ENQUEUE arm(fire)
#include "fifo.h"
