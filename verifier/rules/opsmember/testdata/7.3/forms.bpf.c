/* cid-form and sub-schedulers in 7.3. */
#include "../../../../verifiertest/include/test.bpf.h"

s32 BPF_STRUCT_OPS_SLEEPABLE(f_attach, struct scx_sub_attach_args *args) { return 0; }
void BPF_STRUCT_OPS(f_caps, const struct scx_cmask *mask, u64 caps) {}
s32 BPF_STRUCT_OPS(f_select, struct task_struct *p, s32 prev, u64 flags) { return prev; }

SEC(".struct_ops.link")
struct sched_ext_ops f_cpu = {
	.sub_attach = (void *)f_attach, // want ops-member(error) "ops.sub_attach needs a cid-form scheduler"
	.sub_caps_updated = (void *)f_caps, // want ops-member(error) "no program can be attached to ops.sub_caps_updated"
	.name = "cpu",
};

SEC(".struct_ops.link")
struct sched_ext_ops_cid f_cid = {
	.sub_attach = (void *)f_attach, // want ops-member(error) "f_attach is used for ops.sub_attach and ops.sub_attach .cid-form. at once"
	.select_cid = (void *)f_select,
	.select_cpu = (void *)f_select, // want ops-member(error) "struct sched_ext_ops_cid has no member select_cpu"
	.name = "cid",
};
