// scx-lsp: kernels 7.1..7.3
// scx-lsp: kernels 6.12 // want directive(warning) "given twice"
// Comments that do nothing.
extern int scx_bpf_dispatch_nr_slots(void);

// The wants stand in a comment of their own: a comment ends with its line.
/* scx-lsp: ignore */ // want directive(warning) "name the rules that it is about"
/* scx-lsp: ignore[] */ // want directive(warning) "name the rules that it is about"
/* scx-lsp: ignore[kfunc-context */ // want directive(warning) "does not end with \]"
/* scx-lsp: off */ // want directive(warning) "want ignore\[RULE\] or kernels RELEASES"
/* scx-lsp: ignore[kfunc-contxt] */ // want directive(warning) "there is no rule \"kfunc-contxt\"$"
/* scx-lsp: ignore[kfunc_context] */ // want directive(warning) "there is no rule \"kfunc_context\"; did you mean kfunc-context\?"
static int fine(void)
{
	return 0; /* scx-lsp: ignore[kfunc-context, kfunc-sleepable] */ // want directive(info) "kfunc-context finds nothing here" directive(info) "kfunc-sleepable finds nothing here"
}

__attribute__((section("syscall"), used)) int entry(void *ctx)
{
	fine();
	return scx_bpf_dispatch_nr_slots(); /* scx-lsp: ignore[kfunc-context, kfunc-sleepable] */ // want directive(info) "kfunc-sleepable finds nothing here"
}
