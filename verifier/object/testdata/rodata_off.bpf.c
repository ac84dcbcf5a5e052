// Behind a switch that is off.
#include "tiny.h"
const volatile bool eager = false;
#define AT_ENQUEUE if (eager) scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
