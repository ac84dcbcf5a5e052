// enqueue says that it sleeps.
#include "tiny.h"
#define SEC_ENQUEUE "struct_ops.s/enqueue"
#include "fifo.h"
