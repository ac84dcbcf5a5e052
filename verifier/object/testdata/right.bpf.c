// Nothing wrong.
#include "tiny.h"
#include "fifo.h"
