// What a file looks like while it is being typed.
static int unclosed_call(struct task_struct *p)
{
	before(p);
	scx_bpf_dsq_insert(p, 
	after(p);
	return 0;
}

static int unclosed_block(int x)
{
	if (x) {
		inner(x);

u64 neighbour;

static int next_one(void)
{
	return ok();
}

void BPF_STRUCT_OPS(unclosed_args, struct task_struct *p

static int after_args(void) { return 1; }

u64 no_semicolon
static u64 has_one;

int proto_without(void)
int proto_with(void);

struct no_end {
	int x;
	int y

struct has_end { int z; };

struct missing_semi { int a; }
u32 after_struct;

static int extra_brace(void)
{
	return 1;
}
}
static int after_extra(void) { return 2; }

SCX_OPS_DEFINE(ops,
	       .enqueue = (void *)a_enqueue,
	       .disp
	       .init = (void *)a_init

int value = 5
int value2 = 6;

SEC("struct_ops/
void unclosed_string(void) { f(); }

SEC(".struct_ops.link")
struct sched_ext_ops half = {
	.enqueue = (void *)x,
	.

static void last(void)
{
	foo(a, bar(b
