// A tree of our own in the shape of Linux 7.3, for tests.
enum scx_enq_flags {
	SCX_ENQ_HEAD = 1LLU << 16,
	SCX_ENQ_BOTH = SCX_ENQ_HEAD | (1LLU << 40),
};

struct sched_ext_ops {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	/* a comment; with (parentheses) */
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	s32 (*init)(void);
	u32 timeout_ms;
	u64 flags;
	char name[SCX_OPS_NAME_LEN];
};

__bpf_kfunc void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id,
				    u64 slice, u64 enq_flags,
				    const struct bpf_prog_aux *aux)
{
}

__bpf_kfunc bool scx_bpf_dsq_move_to_local(u64 dsq_id)
{
	return false;
}

__bpf_kfunc s32 scx_bpf_create_dsq(u64 dsq_id, s32 node)
{
	return 0;
}

__bpf_kfunc u64 scx_bpf_now(void)
{
	return 0;
}

BTF_KFUNCS_START(scx_kfunc_ids_enqueue_dispatch)
BTF_ID_FLAGS(func, scx_bpf_dsq_insert, KF_IMPLICIT_ARGS | KF_RCU)
BTF_KFUNCS_END(scx_kfunc_ids_enqueue_dispatch)

BTF_KFUNCS_START(scx_kfunc_ids_dispatch)
BTF_ID_FLAGS(func, scx_bpf_dsq_move_to_local)
BTF_KFUNCS_END(scx_kfunc_ids_dispatch)

BTF_KFUNCS_START(scx_kfunc_ids_unlocked)
BTF_ID_FLAGS(func, scx_bpf_create_dsq, KF_SLEEPABLE)
BTF_KFUNCS_END(scx_kfunc_ids_unlocked)

BTF_KFUNCS_START(scx_kfunc_ids_any)
BTF_ID_FLAGS(func, scx_bpf_now)
BTF_KFUNCS_END(scx_kfunc_ids_any)

static const struct btf_kfunc_id_set set_enqueue = {
	.owner = THIS_MODULE,
	.set = &scx_kfunc_ids_enqueue_dispatch,
	.filter = scx_kfunc_context_filter,
};
static const struct btf_kfunc_id_set set_dispatch = {
	.set = &scx_kfunc_ids_dispatch,
	.filter = scx_kfunc_context_filter,
};
static const struct btf_kfunc_id_set set_unlocked = {
	.set = &scx_kfunc_ids_unlocked,
	.filter = scx_kfunc_context_filter,
};
static const struct btf_kfunc_id_set set_any = {
	.set = &scx_kfunc_ids_any,
	.filter = scx_kfunc_context_filter,
};

static const u32 scx_kf_allow_flags[] = {
	[SCX_OP_IDX(select_cpu)] = SCX_KF_ALLOW_ENQUEUE,
	[SCX_OP_IDX(enqueue)] = SCX_KF_ALLOW_ENQUEUE,
	[SCX_OP_IDX(dispatch)] = SCX_KF_ALLOW_ENQUEUE | SCX_KF_ALLOW_DISPATCH,
	[SCX_OP_IDX(init)] = SCX_KF_ALLOW_UNLOCKED,
};

int scx_kfunc_context_filter(const struct bpf_prog *prog, u32 id)
{
	if (btf_id_set8_contains(&scx_kfunc_ids_enqueue_dispatch, id) ||
	    btf_id_set8_contains(&scx_kfunc_ids_dispatch, id) ||
	    btf_id_set8_contains(&scx_kfunc_ids_unlocked, id) ||
	    btf_id_set8_contains(&scx_kfunc_ids_any, id))
		return 0;
	return -EACCES;
}

static int bpf_scx_check_member(const struct btf_type *t, const struct btf_member *member,
				const struct bpf_prog *prog)
{
	switch (member_offset(t, member)) {
	case offsetof(struct sched_ext_ops, init):
		break;
	default:
		return -EINVAL;
	}
	return 0;
}

static int scx_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &set_enqueue) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &set_dispatch) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &set_unlocked) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &set_unlocked) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &set_any) ?:
	       register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &set_any);
}
