// The library of linked_main.
#include "tiny.h"
static __noinline int lib_move(u64 queue)
{
	return scx_bpf_dsq_move_to_local(queue);
}
__noinline int lib_drain(u64 queue, int hard)
{
	if (!hard)
		return 0;
	return lib_move(queue);
}
