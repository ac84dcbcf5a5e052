/* Wrappers in the manner of scx's. */
bool scx_bpf_sub_dispatch___compat(u64 cgroup_id) __ksym __weak;
void scx_bpf_events(void *buf, size_t sz) __ksym __weak;
u64 scx_bpf_now(void) __ksym __weak;
u32 scx_bpf_dsq_reenq___compat(u64 dsq_id, u64 flags) __ksym __weak;

static inline bool scx_bpf_sub_dispatch(u64 cgroup_id)
{
	if (bpf_ksym_exists(scx_bpf_sub_dispatch___compat))
		return scx_bpf_sub_dispatch___compat(cgroup_id);
	return false;
}

static inline void scx_bpf_dsq_reenq(u64 dsq_id, u64 flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_reenq___compat))
		scx_bpf_dsq_reenq___compat(dsq_id, flags);
	else
		scx_bpf_error("no reenq");
}

#define __COMPAT_scx_bpf_events(buf, size) \
	(bpf_ksym_exists(scx_bpf_events) ? scx_bpf_events(buf, size) : ({}))
#define __COMPAT_scx_bpf_now() \
	(bpf_ksym_exists(scx_bpf_now) ? scx_bpf_now() : bpf_ktime_get_ns())
#define __COMPAT_scx_bpf_nr_node_ids()			\
	(bpf_ksym_exists(scx_bpf_nr_node_ids) ?		\
	 scx_bpf_nr_node_ids() : 1U)

u32 scx_bpf_nr_node_ids(void) __ksym __weak;
bool scx_bpf_task_set_dsq_vtime___new(struct task_struct *p, u64 vtime) __ksym __weak;

static inline void scx_bpf_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime___new))
		scx_bpf_task_set_dsq_vtime___new(p, vtime);
	else
		p->scx.dsq_vtime = vtime;
}
