/* Kernel variables come and go with the configuration. */
#include "../../../../verifiertest/include/test.bpf.h"

extern unsigned long hw_pressure __ksym __weak;
extern const int sched_core_priority __ksym; // want kfunc-unavailable(info) "kernel variable sched_core_priority is declared without __weak"
extern int CONFIG_HZ __kconfig;

void BPF_STRUCT_OPS(v_tick, struct task_struct *p)
{
	unsigned long *a, *b = 0;

	a = bpf_per_cpu_ptr(&hw_pressure, 0); // want kfunc-unavailable(info) "hw_pressure is used without asking whether the kernel has it"
	if (&hw_pressure)
		b = bpf_per_cpu_ptr(&hw_pressure, 0);
	if (!&hw_pressure)
		return;
	b = bpf_this_cpu_ptr(&hw_pressure);
}

SEC(".struct_ops.link")
struct sched_ext_ops v_ops = { .tick = (void *)v_tick, .name = "v" };
