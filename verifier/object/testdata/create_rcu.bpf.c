// init sleeps inside of an RCU section.
#include "tiny.h"
#define AT_INIT bpf_rcu_read_lock(); scx_bpf_create_dsq(9, -1); bpf_rcu_read_unlock()
#include "fifo.h"
