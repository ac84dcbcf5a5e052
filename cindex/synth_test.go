package cindex

import (
	"fmt"
	"strings"
)

// synthetic writes a scheduler of about n lines in the style of the field:
// helpers that call each other, ops, maps, compat macros, comments.
func synthetic(n int, headers int) string {
	var b strings.Builder
	b.WriteString("/* A generated scheduler. */\n")
	for i := range headers {
		fmt.Fprintf(&b, "#include \"gen_%d.h\"\n", i)
	}
	b.WriteString("#include <scx/common.bpf.h>\n\nchar _license[] SEC(\"license\") = \"GPL\";\n\nconst volatile u32 nr_cpus = 8;\nconst volatile bool fifo;\n\n")
	lines := strings.Count(b.String(), "\n")
	for i := 0; lines < n-40; i++ {
		if i%9 == 0 {
			lines += synthMap(&b, i)
		}
		if i%7 == 3 {
			fmt.Fprintf(&b, "#define helper_%d_or(p, d) (bpf_ksym_exists(scx_bpf_now) ? helper_%d(p, d) : (d))\n\n", i, i-1)
			lines += 2
		}
		lines += synthHelper(&b, i)
		if i%12 == 5 {
			lines += synthOp(&b, i)
		}
	}
	b.WriteString("SCX_OPS_DEFINE(gen_ops,\n")
	for i := 5; strings.Contains(b.String(), fmt.Sprintf("(gen_op_%d,", i)); i += 12 {
		fmt.Fprintf(&b, "\t       .op%d\t\t= (void *)gen_op_%d,\n", i, i)
	}
	b.WriteString("\t       .timeout_ms\t= 5000U,\n\t       .name\t\t= \"gen\");\n")
	return b.String()
}

func synthMap(b *strings.Builder, i int) int {
	fmt.Fprintf(b, `struct ctx_%d {
	u64	vtime;
	u32	weight;
	s32	cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ctx_%d);
} map_%d SEC(".maps");

`, i, i, i)
	return 13
}

func synthHelper(b *strings.Builder, i int) int {
	fmt.Fprintf(b, `/*
 * helper_%d - choose something for a task
 * @p: the task
 * @dsq: where it goes
 */
static __always_inline s32 helper_%d(struct task_struct *p, u64 dsq)
{
	struct ctx_%d *tctx = bpf_task_storage_get(&map_%d, p, 0, 0);
	s32 cpu = scx_bpf_task_cpu(p);
	u64 now = scx_bpf_now();
	int i;

	if (!tctx) {
		scx_bpf_error("no context for %%d", p->pid);
		return -ENOENT;
	}

	bpf_for(i, 0, nr_cpus) {
		if (likely(bpf_cpumask_test_cpu(i, p->cpus_ptr)) && scx_bpf_test_and_clear_cpu_idle(i)) {
			tctx->cpu = i;
			goto out;
		}
	}
	if (fifo || time_before(now, tctx->vtime))
		scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, 0);
	else if (tctx->weight > %dU)
		scx_bpf_dsq_insert_vtime(p, dsq, SCX_SLICE_DFL, tctx->vtime, 0);
out:
	return cpu >= 0 ? helper_%d(p, dsq + 1) : cpu;
}

`, i, i, i/9*9, i/9*9, i*10, max(i-1, 0))
	return 36
}

func synthOp(b *strings.Builder, i int) int {
	fmt.Fprintf(b, `void BPF_STRUCT_OPS(gen_op_%d, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = helper_%d(p, enq_flags);

	/* try harder */
	if (cpu < 0)
		cpu = helper_%d(p, SCX_DSQ_LOCAL);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

`, i, i, max(i-3, 0))
	return 10
}

// synthHeader is one of many headers of a workspace.
func synthHeader(i, lines int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#ifndef GEN_%d_H\n#define GEN_%d_H\n\n", i, i)
	for n := 0; strings.Count(b.String(), "\n") < lines; n++ {
		fmt.Fprintf(&b, `#define GEN_%d_FLAG_%d	(1LLU << %d)
struct gen_%d_%d {
	u64	a, b;
};

u32 gen_%d_kfunc_%d(s32 cpu) __ksym __weak;

static inline u32 gen_%d_get_%d(s32 cpu)
{
	if (bpf_ksym_exists(gen_%d_kfunc_%d))
		return gen_%d_kfunc_%d(cpu) & GEN_%d_FLAG_%d;
	return 0;
}

`, i, n, n%60, i, n, i, n, i, n, i, n, i, n, i, n)
	}
	b.WriteString("#endif\n")
	return b.String()
}
