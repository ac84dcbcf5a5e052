// Arguments that are types, designators and operators; statement expressions.
static int exprs(struct x *x, void *ctx)
{
	struct outer *o = container_of(x, struct outer, member);
	u32 *v = MEMBER_VPTR(arr, [i].field);
	u64 *w = MEMBER_VPTR(*x, .a[2]);
	int n = ({ int t = first(1); t + ({ second(2); }); });
	typeof(x->y) y = x->y;
	__typeof__(*x) *z = (typeof(z))ctx;

	if (bpf_core_type_exists(struct scx_thing) && bpf_core_enum_value_exists(enum scx_flags, SCX_X))
		third(sizeof(struct outer), (struct outer *)ctx, offsetof(struct outer, a.b));
	bpf_assert(bpf_cmp_likely(n, <=, 5));
	alloc(struct { int data; }, u64 *, int);
	asm volatile ("%[r] = 1" : [r] "=r"(n) : "r"(fourth(n)) : "memory");
	register u64 r0 asm("r0") = 1;
	__asm__ __volatile__ ("" ::: "memory");
	bpf_printk("a \"quoted\" %d" FMT "\xff", n, 'a', '\n', '\'');
	fifth(&(struct iter){ .pos = n, .end = 3 }, x->f.g, n ?: 4);
	x->ops->call(x, bpf_get_smp_processor_id());
	return __sync_fetch_and_add(&x->n, 1);
}
