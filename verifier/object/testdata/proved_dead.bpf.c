// Three bits are never more than a hundred: the verifier knows, and so must
// we. barrier_var() keeps clang from knowing first.
#include "tiny.h"
#define AT_ENQUEUE							\
	u64 bits = ARG(1, u64) & 7;					\
	barrier_var(bits);						\
	if ((bits & 7) > 100)						\
		scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
