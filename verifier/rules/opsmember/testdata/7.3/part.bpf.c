/* A part of an object: license and table may be in another source, and what a
 * header that is not here defines nobody knows. */
#include "vmlinux.h"
#include "not_here.bpf.h"

void BPF_STRUCT_OPS(part_tick, struct task_struct *p) {}
