// Only a kernel with CONFIG_HZ_1000 gets there.
#include "tiny.h"
extern bool CONFIG_HZ_1000 __kconfig __weak;
extern int LINUX_KERNEL_VERSION __kconfig;
#define AT_ENQUEUE							\
	if (CONFIG_HZ_1000)						\
		scx_bpf_dsq_move_to_local(QUEUE);			\
	if (LINUX_KERNEL_VERSION < 0x060000)				\
		scx_bpf_dispatch_nr_slots()
#include "fifo.h"
