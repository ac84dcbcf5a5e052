// An enum value that no kernel has is used without a test.
#include "tiny.h"
enum scx_enq_flags { SCX_ENQ_LAST = 1, SCX_ENQ_OF_TOMORROW = 2 };
#define AT_ENQUEUE							\
	u64 flags = bpf_core_enum_value(enum scx_enq_flags, SCX_ENQ_OF_TOMORROW); \
	barrier_var(flags)
#include "fifo.h"
