// init makes a queue, and forgot to say that it sleeps.
#include "tiny.h"
#define SEC_INIT "struct_ops/init"
#include "fifo.h"
