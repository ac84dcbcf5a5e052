package verifier_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// scheduler makes a source of the size of the largest in the field: helpers
// that call each other in layers, shared by all ops, with guards and constant
// arguments. Every tenth layer has a call that only ops.dispatch may make.
func scheduler(helpers int) string {
	var b strings.Builder
	b.WriteString("#include <scx/common.bpf.h>\nconst volatile bool flag = true;\n")
	for i := range helpers {
		fmt.Fprintf(&b, "static int helper_%d(struct task_struct *p, bool how)\n{\n", i)
		fmt.Fprintf(&b, "\tif (how && flag)\n\t\tscx_bpf_kick_cpu(scx_bpf_task_cpu(p), 0);\n")
		if i > 0 {
			fmt.Fprintf(&b, "\tif (p->pid & %d)\n\t\treturn helper_%d(p, true);\n", i, i-1)
		}
		if i > 10 {
			fmt.Fprintf(&b, "\thelper_%d(p, how);\n", i-7)
		}
		if i%10 == 0 {
			b.WriteString("\tif (!how)\n\t\tscx_bpf_dsq_move_to_local(0);\n")
		}
		b.WriteString("\tif (!bpf_ksym_exists(scx_bpf_now))\n\t\treturn 0;\n\tscx_bpf_now();\n\treturn 1;\n}\n\n")
	}
	for _, op := range []string{"enqueue", "dispatch", "running", "stopping", "tick", "runnable", "quiescent", "enable"} {
		fmt.Fprintf(&b, "void BPF_STRUCT_OPS(s_%s, struct task_struct *p)\n{\n\thelper_%d(p, false);\n}\n\n", op, helpers-1)
	}
	b.WriteString("SCX_OPS_DEFINE(s_ops, .enqueue = (void *)s_enqueue, .dispatch = (void *)s_dispatch, .running = (void *)s_running,\n" +
		"\t.stopping = (void *)s_stopping, .tick = (void *)s_tick, .runnable = (void *)s_runnable,\n" +
		"\t.quiescent = (void *)s_quiescent, .enable = (void *)s_enable, .name = \"s\");\n")
	return b.String()
}

func BenchmarkCheck(b *testing.B) {
	const path = "/w/s.bpf.c"
	src := scheduler(330)
	index := cindex.New(cindex.OSFS{}, cindex.Config{})
	index.SetContent(path, []byte(src))
	u, err := index.Unit(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	for _, spec := range []string{"7.3", "6.12..7.3"} {
		ks, err := btfdb.Select(spec)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%d_lines_%d_kernels", strings.Count(src, "\n"), len(ks)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(verifier.Check(context.Background(), u, ks, rules.All)) == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}
