// A queue is made when a task starts to run, where nothing may sleep.
#include "tiny.h"
#define AT_RUNNING scx_bpf_create_dsq(9, -1)
#include "fifo.h"
