// A timer callback that sleeps.
#include "tiny.h"
#include "timer.h"
static int fire(void *map, u32 *key, void *value) { scx_bpf_create_dsq(9, -1); return 0; }
#define AT_INIT arm(fire)
#include "fifo.h"
