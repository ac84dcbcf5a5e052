package kfunccontext

// advice says what to do instead of the call that is refused. It speaks only
// where one answer fits nearly everybody.
func advice(kfunc string) string {
	for _, a := range advices {
		for _, n := range a.kfuncs {
			if n == kfunc {
				return a.text
			}
		}
	}
	return ""
}

var advices = []struct {
	kfuncs []string
	text   string
}{
	{
		[]string{"scx_bpf_dsq_move_to_local", "scx_bpf_dsq_move_to_local___v2", "scx_bpf_consume"},
		"to start a task sooner, insert it into SCX_DSQ_LOCAL or kick its CPU with scx_bpf_kick_cpu(): ops.dispatch then runs there",
	},
	{
		[]string{"scx_bpf_dispatch_nr_slots", "scx_bpf_dispatch_cancel"},
		"dispatch slots exist only while ops.dispatch runs",
	},
	{
		[]string{
			"scx_bpf_dsq_insert", "scx_bpf_dsq_insert___v2", "scx_bpf_dsq_insert_vtime", "__scx_bpf_dsq_insert_vtime",
			"scx_bpf_dispatch", "scx_bpf_dispatch_vtime",
		},
		"a task can be inserted while sched_ext is asking where it should go: in ops.select_cpu, ops.enqueue and ops.dispatch; keep it in a queue of your own until then",
	},
	{
		[]string{"scx_bpf_dsq_move", "scx_bpf_dsq_move_vtime"},
		"move tasks between queues in ops.dispatch, or in a callback or syscall program that holds no rq lock",
	},
	{
		[]string{"scx_bpf_reenqueue_local"},
		"since 6.19 scx_bpf_reenqueue_local() of scx/compat.bpf.h calls the form that is allowed anywhere",
	},
	{
		[]string{"scx_bpf_create_dsq"},
		"create queues in ops.init, ops.init_task or ops.cgroup_init, declared with BPF_STRUCT_OPS_SLEEPABLE",
	},
}
