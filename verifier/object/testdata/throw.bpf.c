// bpf_throw() does not return: what follows is never verified.
#include "tiny.h"
void bpf_throw(u64 cookie) __ksym;
#define AT_ENQUEUE							\
	if (ARG(1, u64) == 1) {						\
		bpf_throw(0);						\
		scx_bpf_dsq_move_to_local(QUEUE);			\
	}
#include "fifo.h"
