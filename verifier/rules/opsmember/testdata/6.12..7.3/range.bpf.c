/* What part of the range refuses. */
#include "../../../../verifiertest/include/test.bpf.h"

s32 BPF_STRUCT_OPS_SLEEPABLE(r_init_cids) { return 0; }
void BPF_STRUCT_OPS(r_idle, struct cgroup *c, bool idle) {}
void BPF_STRUCT_OPS(r_release, s32 cpu, struct scx_cpu_release_args *args) {}
void BPF_STRUCT_OPS(r_update, s32 cpu, bool idle) {}
s32 BPF_STRUCT_OPS(r_cid, struct task_struct *p, s32 prev, u64 flags) { return prev; }

SEC(".struct_ops.link")
struct sched_ext_ops r_ops = {
	.init_cids = (void *)r_init_cids, // want ops-member(warning) "struct sched_ext_ops has no member init_cids"
	.cgroup_set_idle = (void *)r_idle, // want ops-member(info) "struct sched_ext_ops has no member cgroup_set_idle"
	.cpu_release = (void *)r_release,
	.update_idle = (void *)r_update,
	.flags = SCX_OPS_ENQ_LAST | SCX_OPS_BUILTIN_IDLE_PER_NODE | SCX_OPS_TID_TO_TASK | // want ops-member(error) "SCX_OPS_ENQ_LAST needs ops.enqueue" ops-member(warning) "SCX_OPS_BUILTIN_IDLE_PER_NODE needs the built-in idle tracking" ops-member(warning) "does not know the flag SCX_OPS_TID_TO_TASK" ops-member(warning) "does not know the flag SCX_OPS_HAS_CGROUP_WEIGHT" ops-member(warning) "does not know the flag SCX_OPS_BUILTIN_IDLE_PER_NODE"
		 SCX_OPS_HAS_CGROUP_WEIGHT | SCX_OPS_OF_TOMORROW,
	.timeout_ms = SOME_TIMEOUT,
	.name = "range",
};

SEC(".struct_ops.link")
struct sched_ext_ops_cid r_cid_ops = { // want ops-member(warning) "the kernel has no struct_ops type sched_ext_ops_cid"
	.select_cid = (void *)r_cid,
	.name = "cid",
};
