// A guard, but for another symbol: one that all these kernels have.
#include "tiny.h"
#define AT_ENQUEUE if (bpf_ksym_exists(scx_bpf_nr_node_ids)) scx_bpf_is_not_there(1)
#include "fifo.h"
