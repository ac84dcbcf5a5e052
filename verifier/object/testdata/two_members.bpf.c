// One program for two members, which libbpf refuses.
#include "tiny.h"
#define MORE_MEMBERS .dequeue = (void *)fifo_tick,
#include "fifo.h"
