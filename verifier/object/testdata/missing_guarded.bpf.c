// A kfunc that no kernel has, behind a test for it.
#include "tiny.h"
#define AT_ENQUEUE if (bpf_ksym_exists(scx_bpf_is_not_there)) scx_bpf_is_not_there(1)
#include "fifo.h"
