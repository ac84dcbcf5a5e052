// Where a comment keeps findings back, and where it does not.
#define SEC(name) __attribute__((section(name), used))
#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) name(unsigned long long *ctx)
extern _Bool scx_bpf_dsq_move_to_local(unsigned long long dsq);
extern int scx_bpf_create_dsq(unsigned long long dsq, int node);
extern int scx_bpf_dispatch_nr_slots(void);

static void trailing(void)
{
	scx_bpf_dsq_move_to_local(0); // scx-lsp: ignore[kfunc-context] this line
	scx_bpf_dsq_move_to_local(0); // want kfunc-context "not allowed"
	scx_bpf_dsq_move_to_local(0); /* scx-lsp: ignore[kfunc-context] */
	/* scx-lsp: ignore[kfunc-context] */ scx_bpf_dsq_move_to_local(0);
}

static void above(void)
{
	// scx-lsp: ignore[kfunc-context]
	scx_bpf_dsq_move_to_local(0);
	scx_bpf_dsq_move_to_local(0); // want kfunc-context "not allowed"
	/*
	 * scx-lsp: ignore[kfunc-context] blanks and comments may follow
	 */

	// like this one
	if (trailing &&
	    scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1); // want kfunc-context "not allowed"
}

// scx-lsp: ignore[kfunc-context] the whole function
static void
whole(void)
{
	scx_bpf_dsq_move_to_local(0);
	if (1)
		scx_bpf_dispatch_nr_slots();
}

static void next(void)
{
	scx_bpf_dsq_move_to_local(0); // want kfunc-context "not allowed"
}

static void several(void)
{
	// scx-lsp: ignore[kfunc-sleepable, kfunc-context] two rules
	scx_bpf_create_dsq(scx_bpf_dispatch_nr_slots(), -1);
}

static const char *text = "// scx-lsp: ignore[kfunc-context]"; static void string(void) { scx_bpf_dispatch_nr_slots(); } // want kfunc-context "not allowed"

/* Talk of scx-lsp: ignore[nothing] in prose is no order. */
void BPF_STRUCT_OPS(x_enqueue)
{
	trailing();
	above();
	whole();
	next();
	string();
}

int BPF_STRUCT_OPS(x_init)
{
	several();
	return scx_bpf_create_dsq(0, -1); // want kfunc-sleepable "may sleep"
}

SEC(".struct_ops.link") struct sched_ext_ops ops = { .enqueue = (void *)x_enqueue, .init = (void *)x_init };
