// Behind a test for a type that no kernel has.
#include "tiny.h"
struct of_another_kernel___x { int a; } __attribute__((preserve_access_index));
#define AT_ENQUEUE if (bpf_core_type_exists(struct of_another_kernel___x)) scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
