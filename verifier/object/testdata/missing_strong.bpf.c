// A kfunc that no kernel has, and that libbpf must find.
#include "tiny.h"
void scx_bpf_is_a_must(u64 arg) __ksym;
#define AT_ENQUEUE scx_bpf_is_a_must(1)
#include "fifo.h"
