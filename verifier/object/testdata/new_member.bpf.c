// A member that no kernel has is set: libbpf loads nothing.
#include "tiny.h"
struct sched_ext_ops___mine {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*tick)(struct task_struct *p);
	void (*running)(struct task_struct *p);
	s32 (*init)(void);
	u64 of_tomorrow;
	char name[128];
};
#define OPS_TYPE struct sched_ext_ops___mine
#define MORE_MEMBERS .of_tomorrow = 1,
#include "fifo.h"
