package verifier_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/rules/kfunccontext"
)

// TestSeverity: an error is what fails on every release of the range, for one
// reason or another.
func TestSeverity(t *testing.T) {
	kernels, err := btfdb.Select(btfdb.Default)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, body, want string
	}{
		{"refused wherever it exists, and 6.12 does not have it", "scx_bpf_dsq_move_to_local(0);", "error 6.13..7.3"},
		{"refused everywhere", "scx_bpf_dispatch_nr_slots();", "error 6.12..7.3"},
		{"releases that do not get there are fine", "if (bpf_ksym_exists(scx_bpf_dsq_move_to_local)) scx_bpf_dsq_move_to_local(0);", "warning 6.13..7.3"},
		{"as the loader may set it", "if (tuned) scx_bpf_dispatch_nr_slots();", "warning 6.12..7.3"},
		{"one of two names on every release", "if (bpf_ksym_exists(scx_bpf_dsq_move_to_local)) scx_bpf_dsq_move_to_local(0); else scx_bpf_consume(0);", "warning 6.13..7.3, warning 6.12"},
	}
	for _, tt := range tests {
		src := "#include \"wrap.bpf.h\"\nconst volatile bool tuned;\nextern bool scx_bpf_consume(u64 dsq) __ksym __weak;\n" +
			"void BPF_STRUCT_OPS(e)\n{\n" + tt.body + "\n}\n" +
			"SEC(\".struct_ops.link\") struct sched_ext_ops o = { .enqueue = (void *)e };\n"
		u, err := cindex.New(cindex.MapFS{"/w/wrap.bpf.h": wrapHeader, "/w/x.bpf.c": src}, cindex.Config{}).Unit(context.Background(), "/w/x.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range verifier.Check(context.Background(), u, kernels, []*verifier.Rule{kfunccontext.Rule}) {
			got = append(got, fmt.Sprintf("%s %s", f.Severity, strings.TrimPrefix(verifier.ReleaseText(f.Releases), "Linux ")))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, s, tt.want)
		}
	}
}
