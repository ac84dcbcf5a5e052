/* struct_ops programs must be GPL. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Apache-2.0"; // want ops-member(error) "license \"Apache-2.0\" is not compatible with the GPL"

void BPF_STRUCT_OPS(l_tick, struct task_struct *p) {}
SEC(".struct_ops.link")
struct sched_ext_ops l_ops = { .tick = (void *)l_tick, .name = "l" };
