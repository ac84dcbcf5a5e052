package verifier_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/rules/kfunccontext"
)

// TestValues: paths that no value takes are not walked, and every other one is.
func TestValues(t *testing.T) {
	tests := []struct {
		params, body string
		dead         bool
	}{
		{"u32 n", "if (n == 1 && n == 2) bad();", true},
		{"int n", "if (n == 1) { if (n == 2) bad(); }", true},
		{"int n", "if (n == 1) { if (n != 1) bad(); }", true},
		{"int n", "if (n != 1) { if (n == 2) bad(); }", false},
		{"int n", "if (n == 1) return; if (n == 1) bad();", true},
		{"int n", "if (n) return; if (n) bad();", true},
		{"int n", "if (n) return; if (!n) bad();", false},
		{"u32 n", "if (n < 4) { if (n > 10) bad(); }", true},
		{"u32 n", "if (n < 4) { if (10 < n) bad(); }", true},
		{"u32 n", "if (n < 4) { if (n >= 3) bad(); }", false},
		{"u32 n", "if (n < 4) { if (n >= 4) bad(); }", true},
		{"u32 n", "if (n >= 4) return; if (n > 10) bad();", true},
		{"const unsigned long n", "if (n > 10) { if (n <= 10) bad(); }", true},
		{"u32 n", "if (n < 4 || n > 10) { if (n > 5) bad(); }", false},
		// Whether a signed value is below 4 and above 10u hangs on the suffix.
		{"int n", "if (n < 4) { if (n > 10u) bad(); }", false},
		{"int n", "if (n < 4) { n = 11; if (n > 10) bad(); }", false},
		{"u32 n", "if (n < 4) { n += 10; if (n > 10) bad(); }", false},
		{"u32 n", "if (n < 4) { change(&n); if (n > 10) bad(); }", false},
		{"u32 n", "if ((n & 7) > 7) bad();", true},
		{"u32 n", "if ((n & 7) > 6) bad();", false},
		{"u32 n", "small(n & 3);", true},
		{"u32 n", "small(n & 15);", false},
		{"u32 n", "small(n);", false},
		{"u32 n", "narrow(n & 255);", false},
	}
	for _, tt := range tests {
		src := "#include \"wrap.bpf.h\"\ntypedef unsigned int u32;\nvoid change(u32 *n);\n" +
			"static void bad(void) { scx_bpf_dispatch_nr_slots(); }\n" +
			"static void small(u32 n) { if (n > 7) bad(); }\nstatic void narrow(signed char n) { if (n > 300) bad(); if (n != 300 && n > 100) bad(); }\n" +
			fmt.Sprintf("static void f(%s) { %s }\n", tt.params, tt.body) +
			"void BPF_STRUCT_OPS(e) { f(ctx[0]); }\nSEC(\".struct_ops.link\") struct sched_ext_ops o = { .enqueue = (void *)e };\n"
		u, err := cindex.New(cindex.MapFS{"/w/wrap.bpf.h": wrapHeader, "/w/x.bpf.c": src}, cindex.Config{}).Unit(context.Background(), "/w/x.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		found := verifier.Check(context.Background(), u, []*btfdb.Kernel{btfdb.Newest()}, []*verifier.Rule{kfunccontext.Rule})
		if dead := len(found) == 0; dead != tt.dead {
			t.Errorf("f(%s) { %s }: dead %v, want %v", tt.params, tt.body, dead, tt.dead)
		}
	}
}
