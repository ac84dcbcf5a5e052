/* What every case includes: kfuncs as schedulers that run from 6.12 on declare them. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)
#define OPS(members...) SEC(".struct_ops.link") struct sched_ext_ops ops = { .name = "case", members }

void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym __weak;
s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;
u32 scx_bpf_dispatch_nr_slots(void) __ksym;
void scx_bpf_dispatch_cancel(void) __ksym;
u32 scx_bpf_reenqueue_local(void) __ksym __weak;
void scx_bpf_reenqueue_local___v2___compat(void) __ksym __weak;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
u32 scx_bpf_nr_cpu_ids(void) __ksym;
void scx_bpf_missing(u64 arg) __ksym __weak;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

/* The two names of one thing: 6.12 has the old, 6.13 and later the new. */
#define insert(p, dsq, flags) \
	(bpf_ksym_exists(scx_bpf_dsq_insert) ? scx_bpf_dsq_insert(p, dsq, 20000000, flags) \
					     : scx_bpf_dispatch(p, dsq, 20000000, flags))
#define pull(dsq) \
	(bpf_ksym_exists(scx_bpf_dsq_move_to_local) ? scx_bpf_dsq_move_to_local(dsq) \
						    : scx_bpf_consume(dsq))

#define DSQ 9
#define LOCAL 0x8000000000000002ULL

struct slot {
	struct bpf_timer timer;
	struct bpf_wq work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

#define arm(callback) ({ \
	u32 __zero = 0; \
	struct slot *__slot = bpf_map_lookup_elem(&slots, &__zero); \
	if (__slot) { \
		bpf_timer_init(&__slot->timer, &slots, 1); \
		bpf_timer_set_callback(&__slot->timer, callback); \
		bpf_timer_start(&__slot->timer, 1000000, 0); \
	} \
})
