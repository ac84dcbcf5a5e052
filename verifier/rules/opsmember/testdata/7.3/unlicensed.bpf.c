/* Nor may they go without a license. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void BPF_STRUCT_OPS(u_tick, struct task_struct *p) {}
SEC(".struct_ops.link")
struct sched_ext_ops u_ops = { .tick = (void *)u_tick, .name = "u" }; // want ops-member(error) "there is no license"
