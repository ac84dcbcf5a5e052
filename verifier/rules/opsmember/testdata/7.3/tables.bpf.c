/* What is refused for the sake of an ops table. */
#include "../../../../verifiertest/include/test.bpf.h"

void BPF_STRUCT_OPS_SLEEPABLE(t_enqueue, struct task_struct *p, u64 enq_flags) {} // want ops-member(error) "ops.enqueue may not sleep, and t_enqueue is declared sleepable"
s32 BPF_STRUCT_OPS_SLEEPABLE(t_init) { return 0; }
void BPF_STRUCT_OPS(t_exit, struct scx_exit_info *ei) {}
void BPF_STRUCT_OPS(t_same, struct task_struct *p) {}
void BPF_STRUCT_OPS(t_lost, struct task_struct *p) {} // want ops-member(error) "struct_ops program t_lost is in no ops table"
static void BPF_STRUCT_OPS(t_hidden, struct task_struct *p) {} // want ops-member(error) "program t_hidden is static"

/* Not loaded unless user space asks for it. */
SEC("?struct_ops/t_maybe") void BPF_PROG(t_maybe, struct task_struct *p) {}

SEC(".struct_ops.link")
struct sched_ext_ops t_ops = {
	.enqueue = (void *)t_enqueue,
	.init = (void *)t_init,
	.exit = (void *)t_exit,
	.running = (void *)t_same,
	.stopping = (void *)t_same, // want ops-member(error) "t_same is used for ops.running and ops.stopping at once"
	.tick = t_hidden,
	.dequeue = NULL,
	.set_wieght = (void *)t_same, // want ops-member(error) "struct sched_ext_ops has no member set_wieght"
	.no_such_thing = 0,
	.timeout_ms = 60 * 1000, // want ops-member(error) "timeout_ms is 60000, more than 30000"
	.name = "t-ops", // want ops-member(error) "must not contain '-'"
};

/* The same program at the same member of two tables is fine. */
void BPF_STRUCT_OPS(t_shared, struct task_struct *p, u64 enq_flags) {}

SEC(".struct_ops.link")
struct sched_ext_ops t_a = { .enqueue = (void *)t_shared, .name = "a" };

SEC(".struct_ops.link")
struct sched_ext_ops t_b = { // want ops-member(error) "ops table t_b has no .name"
	.enqueue = (void *)t_shared,
};

SEC(".struct_ops.link")
struct sched_ext_ops t_empty = { .name = "" }; // want ops-member(error) "must not be empty"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"
SEC(".struct_ops.link")
struct sched_ext_ops t_long = { .name = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" }; // want ops-member(error) "at most 127 characters, this one has 130"

/* Made only when user space asks for it. */
SEC("?.struct_ops.link")
struct sched_ext_ops t_option = { .no_such_thing = 5 };

/* Another type's members are its own affair, as are names it does not need. */
void BPF_STRUCT_OPS(tcp_init, struct sock *sk) {}
SEC(".struct_ops.link")
struct tcp_congestion_ops t_tcp = { .init = (void *)tcp_init };
