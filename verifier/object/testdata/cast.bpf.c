// A cast between address spaces that do not exist, which no compiler makes.
#include "tiny.h"
#define AT_TICK asm volatile(".byte 0xbf, 0x11; .short 1; .long 7" ::: "r1")
#include "fifo.h"
