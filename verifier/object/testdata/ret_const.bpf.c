// The guard is in a function of its own, and so is a switch.
#include "tiny.h"
const volatile u32 mode = 2;
static __noinline bool have_it(void) { return bpf_ksym_exists(scx_bpf_is_not_there); }
static __noinline u32 get_mode(u32 shift) { return mode << shift; }
#define AT_ENQUEUE							\
	if (have_it())							\
		scx_bpf_is_not_there(1);				\
	if (get_mode(1) == 6)						\
		scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
