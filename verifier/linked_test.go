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

// TestLinkedEdits: an edit of one source of an object is seen in what is found
// in another, by a checker that remembers both.
func TestLinkedEdits(t *testing.T) {
	const head = "#include \"wrap.bpf.h\"\nvoid pull(u64 dsq);\n"
	const lib = head + "void pull(u64 dsq) { scx_bpf_dsq_move_to_local(dsq); }\n"
	main := func(op, body string) string {
		return head + "void BPF_STRUCT_OPS(m) { " + body + " }\nSEC(\".struct_ops.link\") struct sched_ext_ops o = { ." + op + " = (void *)m };\n"
	}
	x := cindex.New(cindex.MapFS{"/w/wrap.bpf.h": wrapHeader}, cindex.Config{})
	kernels := []*btfdb.Kernel{btfdb.Newest()}
	rules := []*verifier.Rule{kfunccontext.Rule}
	checker := verifier.NewChecker(kernels, rules)
	steps := []struct{ name, main, lib, want string }{
		{"allowed", main("dispatch", "pull(0);"), lib, ""},
		{"called from elsewhere", main("enqueue", "pull(0);"), lib, "lib.bpf.c ops.enqueue: m pull"},
		{"no more", main("enqueue", ";"), lib, ""},
		{"again", main("enqueue", "pull(0);"), lib, "lib.bpf.c ops.enqueue: m pull"},
		{"the library changes", main("enqueue", "pull(0);"), strings.Replace(lib, "scx_bpf_dsq_move_to_local(dsq);", "", 1), ""},
		{"it comes back, further down", main("enqueue", "pull(0);"), strings.Replace(lib, "void pull(u64 dsq) {", "static int more;\nvoid pull(u64 dsq) {\n", 1), "lib.bpf.c ops.enqueue: m pull"},
		{"static is not exported", main("enqueue", "pull(0);"), strings.ReplaceAll(lib, "void pull", "static void pull"), ""},
		{"a definition nearer", main("enqueue", "pull(0);") + "void pull(u64 dsq) {}\n", lib, ""},
		{"a weak one gives way", main("enqueue", "pull(0);") + "__weak void pull(u64 dsq) {}\n", lib, "lib.bpf.c ops.enqueue: m pull"},
		{
			"the table of one, the program of the other", head + "SEC(\".struct_ops.link\") struct sched_ext_ops o = { .running = (void *)far };\n",
			head + "void BPF_STRUCT_OPS(far) { scx_bpf_dsq_move_to_local(0); }\n", "lib.bpf.c ops.running: far",
		},
	}
	for _, s := range steps {
		x.SetContent("/w/main.bpf.c", []byte(s.main))
		x.SetContent("/w/lib.bpf.c", []byte(s.lib))
		a, errA := x.Unit(context.Background(), "/w/main.bpf.c")
		b, errB := x.Unit(context.Background(), "/w/lib.bpf.c")
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		got := append(shortly(checker.Check(context.Background(), a, b)), shortly(checker.Check(context.Background(), b, a))...)
		fresh := append(shortly(verifier.Check(context.Background(), a, kernels, rules, b)), shortly(verifier.Check(context.Background(), b, kernels, rules, a))...)
		if g := strings.Join(got, "; "); g != s.want || g != strings.Join(fresh, "; ") {
			t.Errorf("%s: got %q, fresh %q, want %q", s.name, g, fresh, s.want)
		}
	}
}

func shortly(list []verifier.Finding) []string {
	var out []string
	for _, f := range list {
		s := fmt.Sprintf("%s %s:", strings.TrimPrefix(f.At.File.Path, "/w/"), verifier.ContextName(f.Context))
		for _, c := range f.Chain {
			s += " " + c.Function
		}
		out = append(out, s)
	}
	return out
}
