// Draining a queue while a task is being enqueued.
#include "tiny.h"
#define AT_ENQUEUE scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
