// The call is made by the body of a bpf_loop().
#include "tiny.h"
static long body(u32 i, void *arg) { scx_bpf_dsq_move_to_local(i); return 0; }
#define AT_ENQUEUE bpf_loop(4, body, NULL, 0)
#include "fifo.h"
