package lsp_test

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

func startWithKernels(t *testing.T, spec string) *lsptest.Client {
	t.Helper()
	a := newFake()
	var err error
	if a.kernels, err = btfdb.Select(spec); err != nil {
		t.Fatal(err)
	}
	c, _ := start(t, a)
	c.Initialize(nil)
	return c
}

func TestHoverKfunc(t *testing.T) {
	c := startWithKernels(t, "7.3")
	const text = "/* ü𝄞 */ scx_bpf_dsq_move_to_local(0, 0); strlen(); scx_bpf_create_dsq___compat(0, 0);"
	c.Open(docURI, text)
	at := strings.Index(text, "scx_bpf_dsq")
	for _, off := range []int{at, at + 5, at + len("scx_bpf_dsq_move_to_local")} {
		got, r := c.Hover(docURI, off)
		for _, want := range []string{"scx_bpf_dsq_move_to_local(u64 dsq_id", "Linux 7.3", "`dispatch`"} {
			if !strings.Contains(got, want) {
				t.Errorf("offset %d: no %q in:\n%s", off, want, got)
			}
		}
		want := lsptest.Range{Start: lsptest.PositionAt(text, at, "utf-16"), End: lsptest.PositionAt(text, at+len("scx_bpf_dsq_move_to_local"), "utf-16")}
		if r == nil || *r != want {
			t.Errorf("offset %d: range %v, want %v", off, r, want)
		}
	}
	if got, _ := c.Hover(docURI, strings.Index(text, "strlen")); got != "" {
		t.Errorf("strlen: %s", got)
	}
	if got, _ := c.Hover(docURI, strings.Index(text, "create")); !strings.Contains(got, "may sleep") {
		t.Errorf("a flavoured kfunc: %s", got)
	}
}

func TestHoverSeveralKernels(t *testing.T) {
	c := startWithKernels(t, "6.16..7.3")
	c.Open(docURI, "scx_bpf_dsq_move_to_local();")
	got, _ := c.Hover(docURI, 3)
	for _, want := range []string{
		"kfunc · Linux 6.16–7.3 · since 6.13\n", "| allowed in | Linux 6.16–7.1 | Linux 7.2 | Linux 7.3 |\n",
		"| `dispatch` | ✓ | ✓ | ✓ |\n", "| `sched_ext_ops_cid.dispatch` | | ✓ | ✓ |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Count(got, "```c") != 1 {
		t.Errorf("one prototype, said again and again:\n%s", got)
	}
}
