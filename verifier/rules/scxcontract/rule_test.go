package scxcontract

import (
	"slices"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

func TestFifoFix(t *testing.T) {
	const before = `#include "vmlinux.h"
void BPF_STRUCT_OPS(enq, struct task_struct *p, u64 f)
{
	`
	const after = `;
}
SEC(".struct_ops.link") struct sched_ext_ops ops = { .enqueue = (void *)enq, .name = "a" };
`
	verifiertest.Fix(t, Rule, before+"scx_bpf_dsq_insert_vtime(p, SCX_DSQ_LOCAL, slice(p, 1), p->scx.dsq_vtime, f)"+after,
		"Insert without vtime", before+"scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice(p, 1), f)"+after)
	verifiertest.Fix(t, Rule, before+"scx_bpf_dsq_insert_vtime(p, SCX_DSQ_GLOBAL,\n\t\tf, f,\n\t\tf)"+after,
		"Insert without vtime", before+"scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL,\n\t\tf,\n\t\tf)"+after)
}

func TestArguments(t *testing.T) {
	for src, want := range map[string][]string{
		"(a, b)":               {"a", "b"},
		" ( f(a, b), c[1,2] )": {"f(a, b)", "c[1,2]"},
		"()":                   {""},
		"(a, /* , */ b)":       nil,
		"(a, \"x,y\")":         nil,
		"(a, b":                nil,
		"a, b)":                nil,
		"":                     nil,
	} {
		var got []string
		for _, a := range arguments([]byte(src), 0) {
			got = append(got, a.text)
			if src[a.span.Start:a.span.End] != a.text {
				t.Errorf("%q is not at its place in %q", a.text, src)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("arguments(%q) = %q, want %q", src, got, want)
		}
	}
}
