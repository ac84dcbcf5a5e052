package verifier_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// edited is a scheduler with most of what a walk looks at: wrappers, constant
// arguments, callbacks, guards on the kernel, globals, and a helper that all
// share.
const edited = `#include "wrap.bpf.h"
const volatile bool tuned;
static int mode = 3;

static int leaf(struct task_struct *p, bool in_dispatch)
{
	if (in_dispatch)
		scx_bpf_dsq_move_to_local(0);
	if (tuned)
		scx_bpf_create_dsq(1, -1);
	return 0;
}

static void middle(struct task_struct *p, bool how)
{
	leaf(p, how);
	if (bpf_ksym_exists(scx_bpf_dsq_peek))
		insert(p);
}

__weak int global(struct task_struct *p)
{
	insert(p);
	return scx_bpf_dispatch_nr_slots();
}

static inline s32 __COMPAT_scx_bpf_create_dsq(u64 dsq)
{
	return scx_bpf_create_dsq(dsq, -1);
}

static int tick(void *map, int *key, void *value)
{
	middle(0, true);
	return 0;
}

void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 flags)
{
	middle(p, false);
	insert(p);
}

void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	middle(prev, true);
}

void BPF_STRUCT_OPS(x_stopping, struct task_struct *p, bool runnable)
{
	insert(p);
	global(p);
	insert(p);
}

s32 BPF_STRUCT_OPS(x_init)
{
	bpf_timer_set_callback(0, tick);
	__COMPAT_scx_bpf_create_dsq(3);
	__COMPAT_scx_bpf_create_dsq(4);
	return 0;
}

SEC(".struct_ops.link") struct sched_ext_ops x_ops = {
	.enqueue = (void *)x_enqueue, .dispatch = (void *)x_dispatch,
	.stopping = (void *)x_stopping, .init = (void *)x_init, .name = "x",
};
`

const wrapHeader = `#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
#define __weak __attribute__((weak))
#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) name(unsigned long long *ctx)
typedef int s32; typedef unsigned long long u64; typedef _Bool bool;
#define true 1
#define false 0
extern void scx_bpf_dsq_insert___v2(struct task_struct *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
extern void scx_bpf_dispatch___compat(struct task_struct *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
extern bool scx_bpf_dsq_move_to_local(u64 dsq) __ksym __weak;
extern s32 scx_bpf_create_dsq(u64 dsq, s32 node) __ksym;
extern s32 scx_bpf_dispatch_nr_slots(void) __ksym;
extern void *scx_bpf_dsq_peek(u64 dsq) __ksym __weak;
extern long bpf_timer_set_callback(void *timer, void *callback);
static inline void insert(struct task_struct *p)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2))
		scx_bpf_dsq_insert___v2(p, 0, 0, 0);
	else
		scx_bpf_dispatch___compat(p, 0, 0, 0);
}
`

// pieces are what the edits of TestCheckerEdits put in: calls, guards, braces
// that do not match, and text that means nothing.
var pieces = []string{
	"\tscx_bpf_dsq_move_to_local(0);\n", "\tinsert(p);\n", "\tleaf(p, true);\n", "\tglobal(p);\n", "\tif (tuned)\n",
	"\tif (!bpf_ksym_exists(scx_bpf_dsq_peek))\n", "\tscx_bpf_create_dsq(2, -1);\n", "\tmode++;\n", " ", "{", "}", "x", "\n", "/*", "*/", "\"",
	"static void more(void)\n{\n\tscx_bpf_dispatch_nr_slots();\n}\n", "\tmore();\n", "\tmiddle(0, mode);\n", "true", "#if 0\n", "#endif\n",
}

// mutate makes one random edit.
func mutate(r *rand.Rand, s string) string {
	lines := strings.SplitAfter(s, "\n")
	at := r.IntN(len(lines))
	switch r.IntN(4) {
	case 0:
		return strings.Join(slices.Delete(lines, at, min(at+1+r.IntN(2), len(lines))), "")
	case 1:
		off := r.IntN(len(s) + 1)
		return s[:off] + pieces[r.IntN(len(pieces))] + s[off:]
	}
	return strings.Join(slices.Insert(lines, at, pieces[r.IntN(len(pieces))]), "")
}

// TestCheckerEdits: what a checker finds after any edits is what a new one
// finds in the same text.
func TestCheckerEdits(t *testing.T) {
	kernels, err := btfdb.Select("6.12..7.3")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		checkEdits(t, r, kernels, seed)
	}
}

func checkEdits(t *testing.T, r *rand.Rand, kernels []*btfdb.Kernel, seed uint64) {
	t.Helper()
	const path = "/w/x.bpf.c"
	x := cindex.New(cindex.MapFS{"/w/wrap.bpf.h": wrapHeader}, cindex.Config{})
	checker := verifier.NewChecker(kernels, rules.All)
	text, found := edited, 0
	for step := range 40 {
		x.SetContent(path, []byte(text))
		u, err := x.Unit(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		got := describeAll(checker.Check(context.Background(), u))
		want := describeAll(verifier.Check(context.Background(), u, kernels, rules.All))
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d step %d: fresh (-) and remembered (+) differ:\n%s\nin\n%s", seed, step, d, text)
		}
		found += len(got)
		if text = mutate(r, text); step%10 == 9 {
			text = edited // and start again from something that has all its parts
		}
	}
	if found < 70 {
		t.Errorf("seed %d: only %d findings were compared", seed, found)
	}
}

// TestKernelsAtOnce: a walk for many kernels at once finds of each what a walk
// for it alone does, along the same chain.
func TestKernelsAtOnce(t *testing.T) {
	kernels, err := btfdb.Select("6.12..7.3")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	text := edited
	for step := range 100 {
		x := cindex.New(cindex.MapFS{"/w/wrap.bpf.h": wrapHeader, "/w/x.bpf.c": text}, cindex.Config{})
		u, err := x.Unit(context.Background(), "/w/x.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		var apart []string
		for _, k := range kernels {
			apart = append(apart, problemsOf(u, k)...)
		}
		together := problemsOf(u, kernels...)
		slices.Sort(apart)
		slices.Sort(together)
		if d := cmp.Diff(apart, together); d != "" {
			t.Fatalf("step %d: apart (-) and together (+) differ:\n%s\nin\n%s", step, d, text)
		}
		if text = mutate(r, text); step%10 == 9 {
			text = edited
		}
	}
}

func problemsOf(u *cindex.Unit, kernels ...*btfdb.Kernel) []string {
	var out []string
	verifier.Check(context.Background(), u, kernels, []*verifier.Rule{{ID: "x", Run: func(p *verifier.Pass) {
		p.Problems(func(pr verifier.Problem) {
			line := fmt.Sprintf("%s %s %s %v %q %v %v", pr.Kernel, pr.Root.Name, pr.Name, pr.Verdict, pr.Rodata, pr.Unsure, pr.Async)
			for _, s := range pr.Site().Chain {
				line += " " + s.Function + place(s.At)
			}
			out = append(out, line)
		})
	}}})
	return out
}

// describeAll spells findings out, with every place that they name.
func describeAll(list []verifier.Finding) []string {
	var out []string
	for _, f := range list {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %s %v %s %v %s", place(f.At), f.Rule, f.Severity, f.Releases, f.Context, f.Message, f.Program)
		for _, s := range f.Chain {
			fmt.Fprintf(&b, "\n\t%s %s -> %s", place(s.At), s.Function, s.Callee)
			for _, v := range s.Via {
				fmt.Fprintf(&b, " via %s %s", v.Macro, place(v.Def))
			}
		}
		for _, n := range f.Notes {
			fmt.Fprintf(&b, "\n\t%s %s", place(n.At), n.Message)
		}
		for _, x := range f.Fixes {
			fmt.Fprintf(&b, "\n\tfix %s", x.Title)
			for _, e := range x.Edits {
				fmt.Fprintf(&b, " %s %q", place(e.At), e.NewText)
			}
		}
		out = append(out, b.String())
	}
	return out
}

func place(at cindex.Loc) string {
	if at.File == nil {
		return "-"
	}
	return fmt.Sprintf("%s:%d-%d", at.File.Path, at.Span.Start, at.Span.End)
}
