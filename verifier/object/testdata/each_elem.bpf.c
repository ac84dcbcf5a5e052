// The call is made for each element of a map.
#include "tiny.h"
#include "timer.h"
static long each(void *map, u32 *key, void *value, void *arg) { scx_bpf_dsq_move_to_local(3); return 0; }
#define AT_ENQUEUE bpf_for_each_map_elem(&ticks, each, NULL, 0)
#include "fifo.h"
