/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the examples share. A real scheduler includes <scx/common.bpf.h>
 * instead; this header keeps the examples down to what vmlinux.h and libbpf
 * bring, so that they compile anywhere.
 */
#ifndef EXAMPLE_BPF_H
#define EXAMPLE_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* A program for a member of sched_ext_ops, and one that may sleep. */
#define BPF_STRUCT_OPS(name, args...) \
	SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) \
	SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;
void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice,
			u64 enq_flags) __ksym;
bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
			   bool *is_idle) __ksym;
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
u32 scx_bpf_dispatch_nr_slots(void) __ksym;

#define SLICE_NS (20ULL * 1000 * 1000)

/* One queue that all CPUs share. */
#define SHARED_DSQ 0

#endif
