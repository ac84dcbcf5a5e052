// Open-coded iterators, used by hand and by macros.
#include "../../../../verifiertest/include/test.bpf.h"

int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

u64 total;
struct bpf_iter_num shared;

/* Bad: not destroyed on one way out. */
s32 BPF_STRUCT_OPS(i_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct bpf_iter_num it;
	int *n;

	bpf_iter_num_new(&it, 0, 10); // want kfunc-iterator(error) "the iterator that bpf_iter_num_new makes is not destroyed on every path"
	while ((n = bpf_iter_num_next(&it))) {
		if (*n == 3)
			return 3;
	}
	bpf_iter_num_destroy(&it);
	return prev_cpu;
}

/* Bad: in the wrong order. */
void BPF_STRUCT_OPS(i_tick, struct task_struct *p)
{
	struct bpf_iter_num it;

	bpf_iter_num_next(&it); // want kfunc-iterator(error) "bpf_iter_num_next is called for an iterator that was not made"
	bpf_iter_num_new(&it, 0, 10);
	bpf_iter_num_new(&it, 0, 10); // want kfunc-iterator(error) "bpf_iter_num_new is called for an iterator that is in use"
	bpf_iter_num_destroy(&it);
	bpf_iter_num_destroy(&it); // want kfunc-iterator(error) "bpf_iter_num_destroy is called for an iterator that was not made, or was destroyed"
}

/* Bad: not on the stack. */
void BPF_STRUCT_OPS(i_running, struct task_struct *p)
{
	bpf_iter_num_new(&shared, 0, 10); // want kfunc-iterator(error) "the iterator of bpf_iter_num_new is no variable"
}

static void begin(struct bpf_iter_num *it) { bpf_iter_num_new(it, 0, 4); }

/* Good: made in a helper, destroyed on every way out, made again. */
void BPF_STRUCT_OPS(i_stopping, struct task_struct *p, bool runnable)
{
	struct bpf_iter_num it;

	begin(&it);
	while (bpf_iter_num_next(&it))
		total++;
	bpf_iter_num_destroy(&it);
	begin(&it);
	bpf_iter_num_destroy(&it);
}

/* Good: the macros destroy theirs on break, return and goto. */
s32 BPF_STRUCT_OPS_SLEEPABLE(i_init)
{
	int i, k;

	bpf_for(i, 0, 10) {
		bpf_for(k, 0, i) {
			if (k == 3)
				break;
			if (k == 5)
				return k;
			if (k == 7)
				goto out;
		}
	}
	bpf_repeat(5)
		total++;
out:
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops iterator_ops = {
	.select_cpu = (void *)i_select_cpu,
	.tick = (void *)i_tick,
	.running = (void *)i_running,
	.stopping = (void *)i_stopping,
	.init = (void *)i_init,
	.name = "iterator",
};
