// Not under the GPL.
#define LICENSE_TEXT "Proprietary"
#include "tiny.h"
#include "fifo.h"
