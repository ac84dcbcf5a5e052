// A struct_ops program that no table names.
#include "tiny.h"
#include "fifo.h"
SEC("struct_ops/stopping")
int fifo_stopping(u64 *ctx) { return 0; }
