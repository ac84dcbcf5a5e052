// tick reads a second argument, which it does not have.
#include "tiny.h"
#define AT_TICK return ARG(1, u64)
#include "fifo.h"
