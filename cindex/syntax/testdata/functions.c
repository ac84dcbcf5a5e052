// Heads of functions: wrappers, attributes in every place, struct returns.
void BPF_STRUCT_OPS(a_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SHARED, slice_ns, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(a_init)
{
	return scx_bpf_create_dsq(SHARED, -1);
}

SEC("fentry/do_nothing")
int BPF_PROG(on_nothing, int cpu)
{
	return 0;
}

SEC("kprobe/do_it")
int BPF_KPROBE(on_it, void *arg) { return 1; }

SEC("fexit/x")
int BPF_PROG2(pairs, struct pair, a, int, ret) { return a.x; }

bool MY_OPS(own_wrapper, s32 cpu) { return false; }

SEC("syscall")
int run(struct args *ctx) { return 0; }

__hidden int hidden(void) { return 1; }
__weak __noinline int weak_one(int v) { return v; }
static __always_inline const struct cpumask *mask_of(struct ctx *c) { return c->mask; }
int __weak __noinline after_type(u64 a) { return a; }
int trusted(struct task_struct *p __arg_trusted, void __arena *q, u64 x __arg_new) { return 0; }
__attribute__((noinline)) static u32 attributed(void) __attribute__((cold));
static u32 __attribute__((noinline)) between(void) { return 2; }
static INLINE bool shouted(u32 tgid) { return tgid; }
static struct task_ctx *lookup(struct task_struct *p,
			       int (*cb)(void *, u64), char name[16])
{
	return bpf_task_storage_get(&ctxs, p, 0, 0);
}

SEC("tc")
__description("a row of attributes")
__failure __msg("no")
__naked void many(void)
{
	asm volatile ("r0 = 0; exit" ::: "memory");
}

int old_style() { return 3; }
