// An enum value decides: all these kernels have SCX_ENQ_LAST, none has the
// other.
#include "tiny.h"
enum scx_enq_flags { SCX_ENQ_LAST = 1, SCX_ENQ_OF_TOMORROW = 2 };
#define AT_ENQUEUE							\
	if (bpf_core_enum_value_exists(enum scx_enq_flags, SCX_ENQ_OF_TOMORROW)) \
		scx_bpf_dsq_move_to_local(QUEUE)
#define AT_TICK								\
	if (bpf_core_enum_value_exists(enum scx_enq_flags, SCX_ENQ_LAST)) \
		scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
