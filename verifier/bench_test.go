package verifier_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
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
	src := scheduler(330)
	_, u := open(b, src)
	for _, spec := range []string{"7.3", "6.12..7.3"} {
		ks := kernelsOf(b, spec)
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

// BenchmarkKeystroke is what the rules add to a keystroke in the middle of a
// large source, in whose ops they find something: in a statement that calls
// nothing, in a guard that decides what is reached, and in a name, so that the
// source defines another set of functions.
func BenchmarkKeystroke(b *testing.B) {
	src := quiet(380)
	ks := kernelsOf(b, "6.12..7.3")
	edits := []struct{ name, old, new string }{
		{"statement", "p->weight = 190;", "p->weight = 1901;"},
		{"call", "\tif (p->pid & 190)\n\t\treturn helper_189(p, true);", "\tif (p->pid & 190)\n\t\treturn helper_188(p, true);"},
		{"name", "unused_190", "unused_1901"},
	}
	for _, e := range edits {
		b.Run(fmt.Sprintf("%s_%d_lines_%d_kernels", e.name, strings.Count(src, "\n"), len(ks)), func(b *testing.B) {
			edited := strings.Replace(src, e.old, e.new, 1)
			if edited == src {
				b.Fatal("the edit changes nothing")
			}
			index, before := open(b, src)
			index.SetContent(benchPath, []byte(edited))
			after, err := index.Unit(context.Background(), benchPath)
			if err != nil {
				b.Fatal(err)
			}
			checker := verifier.NewChecker(ks, rules.All)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if len(checker.Check(context.Background(), []*cindex.Unit{before, after}[i%2])) == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}

// BenchmarkWorkspace checks a hundred sources from scratch, reading them
// included, on as many CPUs as there are.
func BenchmarkWorkspace(b *testing.B) {
	fs := cindex.MapFS{}
	for i := range 100 {
		fs[fmt.Sprintf("/w/s%d.bpf.c", i)] = quiet(20 + i%60)
	}
	ks := kernelsOf(b, "6.12..7.3")
	for b.Loop() {
		index := cindex.New(fs, cindex.Config{})
		checker := verifier.NewChecker(ks, rules.All)
		var wg sync.WaitGroup
		next := make(chan string)
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for path := range next {
					u, err := index.Unit(context.Background(), path)
					if err != nil || len(checker.Check(context.Background(), u)) == 0 {
						b.Error("nothing found")
					}
				}
			})
		}
		for path := range fs {
			next <- path
		}
		close(next)
		wg.Wait()
	}
}

const benchPath = "/w/s.bpf.c"

// quiet is the scheduler of the other benchmarks with one finding only, which
// is how sources are while they are worked on, and with functions that nobody
// calls yet.
func quiet(helpers int) string {
	src := strings.ReplaceAll(scheduler(helpers), "scx_bpf_dsq_move_to_local(0)", "p->weight = 0")
	for i := range helpers {
		src = strings.Replace(src, fmt.Sprintf("static int helper_%d(struct task_struct *p, bool how)\n{\n", i),
			fmt.Sprintf("static int unused_%d(void) { return 0; }\nstatic int helper_%d(struct task_struct *p, bool how)\n{\n\tp->weight = %d;\n", i, i, i), 1)
	}
	return strings.Replace(src, "\tp->weight = 3;\n", "\tscx_bpf_dsq_move_to_local(0);\n", 1)
}

func open(b *testing.B, src string) (*cindex.Index, *cindex.Unit) {
	b.Helper()
	index := cindex.New(cindex.MapFS{}, cindex.Config{})
	index.SetContent(benchPath, []byte(src))
	u, err := index.Unit(context.Background(), benchPath)
	if err != nil {
		b.Fatal(err)
	}
	return index, u
}

func kernelsOf(b *testing.B, spec string) []*btfdb.Kernel {
	b.Helper()
	ks, err := btfdb.Select(spec)
	if err != nil {
		b.Fatal(err)
	}
	return ks
}
