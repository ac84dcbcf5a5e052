/*
 * Macros of libbpf and sched_ext as far as they matter for facts, in our own
 * words. They stand in while the headers that define them are not found, and
 * are never "defined" for #ifdef.
 */
#define likely(x) (!!(x))
#define unlikely(x) (!!(x))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define __noinline __attribute__((noinline))
#define __always_inline inline __attribute__((always_inline))
#define __hidden __attribute__((visibility("hidden")))
#define __always_unused __attribute__((unused))
#define __maybe_unused __attribute__((unused))
#define __unused __attribute__((unused))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __kptr_untrusted
#define __percpu_kptr
#define __arena
#define __arena_global
#define __arg_ctx
#define __arg_nonnull
#define __arg_nullable
#define __arg_trusted
#define __arg_untrusted
#define __arg_arena
#define __contains(name, node)
#define private(name) SEC(".data." #name) static
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#define NULL ((void *)0)
#define can_loop (1)
#define cond_break
#define barrier_var(v) asm volatile("" : "+r"(v))
#define barrier()
#define __FILE__ ""
#define __LINE__ 0
#define __COUNTER__ 0

#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)
#define SCX_OPS_DEFINE(name, ...) SEC(".struct_ops.link") struct sched_ext_ops name = { __VA_ARGS__ };
#define SCX_OPS_CID_DEFINE(name, ...) SEC(".struct_ops.link") struct sched_ext_ops_cid name = { __VA_ARGS__ };

#define bpf_for_each(type, cur, args...)						\
	for (struct bpf_iter_##type ___it __attribute__((cleanup(bpf_iter_##type##_destroy))),	\
	     *___p = (bpf_iter_##type##_new(&___it, ##args), (void *)0);		\
	     ((cur) = bpf_iter_##type##_next(&___it)); )
#define bpf_for(i, start, end)								\
	for (struct bpf_iter_num ___it __attribute__((cleanup(bpf_iter_num_destroy))),	\
	     *___p = (bpf_iter_num_new(&___it, (start), (end)), (void *)0);		\
	     ({ int *___t = bpf_iter_num_next(&___it); ___t && ((i) = *___t, 1); }); )
#define bpf_repeat(n)									\
	for (struct bpf_iter_num ___it __attribute__((cleanup(bpf_iter_num_destroy))),	\
	     *___p = (bpf_iter_num_new(&___it, 0, (n)), (void *)0);			\
	     bpf_iter_num_next(&___it); )

#define scx_bpf_error(fmt, args...) ({ (void)(0, ##args); scx_bpf_error_bstr(fmt, 0, 0); })
#define scx_bpf_exit(code, fmt, args...) ({ (void)((code), ##args); scx_bpf_exit_bstr(0, fmt, 0, 0); })
#define scx_bpf_dump(fmt, args...) ({ (void)(0, ##args); scx_bpf_dump_bstr(fmt, 0, 0); })
#define UEI_DEFINE(name) extern int name
#define UEI_RECORD(name, info)
#define bpf_printk(fmt, args...) bpf_trace_printk(fmt, 0, ##args)
