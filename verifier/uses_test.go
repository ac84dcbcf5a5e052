package verifier_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

const usesSource = `
#define SEC(name) __attribute__((section(name), used))
#define __ksym SEC(".ksyms")
#define __weak __attribute__((weak))
typedef unsigned long long u64;
extern _Bool scx_bpf_dsq_move_to_local___v2___compat(u64 dsq, u64 flags) __ksym __weak;
extern _Bool scx_bpf_dsq_move_to_local___v1(u64 dsq) __ksym __weak;
extern _Bool scx_bpf_consume(u64 dsq) __ksym __weak;
extern int scx_bpf_dsq_nr_queued(u64 dsq) __ksym;
const volatile _Bool tuned;
#define NR(d) scx_bpf_dsq_nr_queued(d)

static _Bool move(u64 dsq)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___compat))
		return scx_bpf_dsq_move_to_local___v2___compat(dsq, 0);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v1))
		return scx_bpf_dsq_move_to_local___v1(dsq);
	return scx_bpf_consume(dsq);
}
static int outer(u64 dsq)
{
	if (tuned)
		move(1);
	return NR(dsq);
}
static void nothing(void) { bpf_printk("x"); }
`

// TestUses: what a wrapper really calls on which kernel.
func TestUses(t *testing.T) {
	x := cindex.New(cindex.MapFS{"/a.bpf.c": usesSource}, cindex.Config{})
	u, err := x.Unit(context.Background(), "/a.bpf.c")
	if err != nil {
		t.Fatal(err)
	}
	kernels, err := btfdb.Select("6.12,6.13,7.0,7.3")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		"move": {
			"scx_bpf_dsq_move_to_local___v2 7.3: scx_bpf_dsq_move_to_local___v2___compat",
			"scx_bpf_dsq_move_to_local 6.13 7.0: scx_bpf_dsq_move_to_local___v1",
			"scx_bpf_consume 6.12: scx_bpf_consume",
		},
		"outer": {
			"scx_bpf_consume 6.12 unsure: move",
			"scx_bpf_dsq_move_to_local 6.13 7.0 unsure: move",
			"scx_bpf_dsq_move_to_local___v2 7.3 unsure: move",
			"scx_bpf_dsq_nr_queued 6.12 6.13 7.0 7.3: scx_bpf_dsq_nr_queued",
		},
		"nothing": nil,
	}
	for name, want := range tests {
		var got []string
		for _, use := range verifier.NewChecker(kernels, nil).Uses(t.Context(), u, u.Func(name)) {
			s := use.Name
			for _, k := range use.Kernels {
				s += " " + k.Release
			}
			if use.Unsure {
				s += " unsure"
			}
			got = append(got, s+": "+use.First.Callee)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}
