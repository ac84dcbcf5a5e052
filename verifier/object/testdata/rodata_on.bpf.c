// Behind a switch that is on.
#include "tiny.h"
const volatile bool eager = true;
#define AT_ENQUEUE if (eager) scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
