// A sleepable program looks at another CPU's task: inside of an RCU section
// in init, outside of one in the syscall program.
#include "tiny.h"
struct task_struct *scx_bpf_cpu_curr(s32 cpu) __ksym __weak;
#define AT_INIT								\
	bpf_rcu_read_lock();						\
	scx_bpf_cpu_curr(0);						\
	bpf_rcu_read_unlock()
#include "fifo.h"
SEC("syscall") int look(void *ctx) { return !scx_bpf_cpu_curr(0); }
