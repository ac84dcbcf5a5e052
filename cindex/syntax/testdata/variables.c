// Variables, maps, types, kernel symbols.
char _license[] SEC("license") = "GPL";
const volatile u32 nr_cpus = 8, nr_llcs;
static u64 counts[NR] __attribute__((aligned(64)));
private(LOCKS) struct bpf_spin_lock lock;
private(A)
struct bpf_cpumask __kptr *allowed;
UEI_DEFINE(uei);

extern bool kernel_has(u64 id) __ksym __weak;
struct task_struct *kernel_task(int pid) __ksym;
extern const void kernel_var __ksym;
extern T *third() __weak __ksym;
int plain_proto(struct a *x, u64);

struct node {
	struct task_struct __kptr *task;
	struct bpf_list_node link __contains(node, link);
	union {
		u64 word;
		struct { u32 lo, hi; };
	};
	int (*cb)(struct node *n, u64 arg) __my_aligned;
	u32 : 4;
	u8 bits : 3;
	DECLARE_BITMAP(seen, 64);
	enum { IDLE, BUSY } state;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct node);
	__array(values, struct inner);
} nodes SEC(".maps");

struct outer { __uint(type, 3); } named_map SEC(".maps"), second_map SEC(".maps");

enum dsq : u64 {
	SHARED = 1,
	LOW = SHARED << 2,
#define HIDDEN_IN_ENUM 3
	HIGH,
};
enum { ONLY, };

typedef struct node __arena node_t;
typedef int (*cb_t)(void *ctx, struct node *n);
typedef struct { int x; } anon_t;
typedef unsigned long long ull;
static int (*table_of_cbs[])(void) = { first, second };
struct forward;
struct node *head, tail;
static const struct cfg cfgs[] = { [0 ... 3] = { .on = true, .n = 2 }, };
typedef __u64 u64;
SEC("tc")
__success
#ifdef ONE
__msg("one")
#else
__msg("two")
#endif
int conditional_attrs(void *ctx) { return 0; }
