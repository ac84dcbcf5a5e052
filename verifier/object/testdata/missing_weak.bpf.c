// A weak kfunc that no kernel has, called all the same.
#include "tiny.h"
#define AT_ENQUEUE scx_bpf_is_not_there(1)
#include "fifo.h"
