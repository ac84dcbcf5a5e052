// The struct has a flavour, and a member that no kernel has.
#include "tiny.h"
struct sched_ext_ops___mine {
	void (*of_tomorrow)(struct task_struct *p);
	s32 (*init)(void);
	void (*running)(struct task_struct *p);
	void (*tick)(struct task_struct *p);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	char name[128];
};
#define OPS_TYPE struct sched_ext_ops___mine
#define AT_TICK scx_bpf_dsq_move_to_local(QUEUE)
#include "fifo.h"
