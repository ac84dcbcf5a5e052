// Tasks go back to the queue in tick; only cpu_release may do that.
#include "tiny.h"
#define AT_TICK scx_bpf_reenqueue_local()
#include "fifo.h"
