/* One timer in a map, and a function that starts it. */
struct tick_timer { struct bpf_timer { u64 opaque[2]; } __attribute__((aligned(8))) timer; };

struct {
	__uint(type, 2);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tick_timer);
} ticks SEC(".maps");

static __always_inline void arm(void *cb)
{
	u32 zero = 0;
	struct tick_timer *t = bpf_map_lookup_elem(&ticks, &zero);

	if (!t)
		return;
	bpf_timer_init(&t->timer, &ticks, 1);
	bpf_timer_set_callback(&t->timer, cb);
	bpf_timer_start(&t->timer, 1000000, 0);
}
