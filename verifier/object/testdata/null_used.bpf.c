// A result that may be NULL: tick uses it as it is, running tests it first,
// dispatch tests a copy of it.
#include "tiny.h"
struct task_struct *scx_bpf_cpu_curr(s32 cpu) __ksym __weak;
#define CURR (bpf_ksym_exists(scx_bpf_cpu_curr) ? scx_bpf_cpu_curr(0) : NULL)
#define AT_TICK								\
	if (bpf_ksym_exists(scx_bpf_cpu_curr)) {			\
		struct task_struct *curr = scx_bpf_cpu_curr(0);		\
		return curr->pid;					\
	}
#define AT_RUNNING							\
	struct task_struct *curr = CURR;				\
	if (curr)							\
		return curr->pid
#define AT_DISPATCH							\
	struct task_struct *curr = CURR, *copy = curr;			\
	barrier_var(copy);						\
	if (copy && curr->prio)						\
		return copy->pid
#include "fifo.h"
