// Ops tables in all spellings.
SCX_OPS_DEFINE(first_ops,
	       .enqueue = (void *)a_enqueue,
	       .init = (void *)a_init,
	       .flags = SCX_OPS_ENQ_LAST | SCX_OPS_KEEP_BUILTIN_IDLE,
	       .name = "first");

SCX_OPS_DEFINE(tight,.init=(void *)a_init);

MY_TABLE(second_ops, .exit = &an_exit, .timeout_ms = 5000U);

SEC(".struct_ops.link")
struct sched_ext_ops third_ops = {
	.select_cpu	= (void *)a_select_cpu,
#ifdef WITH_TICK
	.tick		= (void *)a_tick,
#endif
	.dispatch	= NULL,
	.name		= "third",
};

SEC(".struct_ops")
struct sched_ext_ops___old fourth = { .enqueue = a_enqueue };

struct hid_bpf_ops by_type = { .hid_device_event = (void *)on_event };
