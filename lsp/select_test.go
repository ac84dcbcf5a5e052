package lsp

import (
	"context"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// TestSelectAndComment: a comment in a source names its kernels, unless the
// user chose others in this session.
func TestSelectAndComment(t *testing.T) {
	const path = "/nowhere/s.bpf.c"
	a, err := NewAnalyzer("", rules.All)
	if err != nil {
		t.Fatal(err)
	}
	a.SetContent(path, []byte(`// scx-lsp: kernels 7.2
#include "vmlinux.h"
char _license[] SEC("license") = "GPL";
bool scx_bpf_consume(u64 dsq_id) __ksym __weak;
void BPF_STRUCT_OPS(d, s32 cpu, struct task_struct *prev) { scx_bpf_consume(1); }
SEC(".struct_ops.link") struct sched_ext_ops o = { .dispatch = (void *)d, .name = "o" };
`))
	for _, c := range []struct {
		spec   string
		chosen bool
		want   string // the release that refuses
	}{
		{"", false, "7.2"},
		{"7.3", false, "7.2"},
		{"7.3", true, "7.3"},
		{"6.12", true, ""},
		{"6.12", false, "7.2"},
	} {
		if err := a.Select(c.spec, c.chosen); err != nil {
			t.Fatal(err)
		}
		u, err := a.Unit(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range a.Check(context.Background(), u) {
			if f.Rule == "kfunc-unavailable" {
				got = f.Releases[0]
			}
		}
		if got != c.want {
			t.Errorf("%q, chosen %v: refused by %q, want %q", c.spec, c.chosen, got, c.want)
		}
	}
}
