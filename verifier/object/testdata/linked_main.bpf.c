// A scheduler of two units; the bad call is in the other one.
#include "tiny.h"
extern int lib_drain(u64 queue, int hard);
static __noinline int own(u64 queue) { return lib_drain(queue, 1); }
#define AT_ENQUEUE own(ARG(1, u64))
#include "fifo.h"
