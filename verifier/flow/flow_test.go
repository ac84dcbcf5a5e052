package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

const head = `
struct task_struct *bpf_task_from_pid(int pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
int g, h;
`

const path = "/nowhere/a.bpf.c"

// rule hands what the walk finds to a test.
func rule(out *[]flow.Result) *verifier.Rule {
	return &verifier.Rule{ID: "test", Run: func(p *verifier.Pass) { *out = flow.Results(p) }}
}

func program(body string) string {
	return head + "void SEC(\"struct_ops/f\") f(int x, int y)\n{\n" + body +
		"\n}\nstruct sched_ext_ops o SEC(\".struct_ops.link\") = { .tick = (void *)f };\n"
}

func unit(t *testing.T, index *cindex.Index, text string) *cindex.Unit {
	t.Helper()
	index.SetContent(path, []byte(text))
	u, err := index.Unit(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func kinds(t *testing.T, body string) string {
	t.Helper()
	var found []flow.Result
	u := unit(t, cindex.New(cindex.OSFS{}, cindex.Config{}), program(body))
	verifier.Check(context.Background(), u, []*btfdb.Kernel{btfdb.Newest()}, []*verifier.Rule{rule(&found)})
	var out []string
	for _, r := range found {
		out = append(out, fmt.Sprint(r.Kind))
	}
	return strings.Join(out, " ")
}

// Shapes of control flow: the same leak, or none.
func TestShapes(t *testing.T) {
	const acquire = "struct task_struct *p = bpf_task_from_pid(1); if (!p) return;\n"
	leak := fmt.Sprint(flow.Leak)
	for body, want := range map[string]string{
		"goto out; out: bpf_task_release(p);":                                                     "",
		"if (x) goto out; return; out: bpf_task_release(p);":                                      leak,
		"again: if (g) goto again; bpf_task_release(p);":                                          "",
		"switch (x) { case 1: return; case 2: break; default: ; } bpf_task_release(p);":           leak,
		"switch (x) { case 1: h = 1; case 2: bpf_task_release(p); return; } bpf_task_release(p);": "",
		"do { if (x) break; } while (y); bpf_task_release(p);":                                    "",
		"while (g) { if (h) return; } bpf_task_release(p);":                                       leak,
		"for (;;) { if (g) { bpf_task_release(p); break; } }":                                     "",
		"if (x && y) { bpf_task_release(p); return; } if (!x || !y) bpf_task_release(p);":         "",
		"if (x > 3) bpf_task_release(p); if (x <= 3) bpf_task_release(p);":                        "",
		"if (x > 3) bpf_task_release(p); if (x < 3) bpf_task_release(p);":                         leak,
		"int z = x ? 1 : 0; if (z) bpf_task_release(p); else bpf_task_release(p);":                "",
		"if (g & 4) h = 1; if (g & 4) bpf_task_release(p); if (!(g & 4)) bpf_task_release(p);":    "",
		"({ if (x) bpf_task_release(p); else bpf_task_release(p); x; });":                         "",
		"struct task_struct *q = p; p = 0; bpf_task_release(q);":                                  "",
		"struct task_struct **q = &p; bpf_task_release(*q);":                                      "",
		"unknown(p);": "",
		"struct { struct task_struct *p; } s; s.p = p; unknown(&s);": "",
		"asm volatile(\"r1 = 0\");":                                  "",
	} {
		if got := kinds(t, acquire+body); got != want {
			t.Errorf("%s\n got %q, want %q", body, got, want)
		}
	}
}

// What a header that was not found may define may do anything.
func TestMissingHeader(t *testing.T) {
	for include, want := range map[string]int{"": 1, "#include \"nowhere.h\"\n": 0} {
		var found []flow.Result
		u := unit(t, cindex.New(cindex.OSFS{}, cindex.Config{}), include+program("enter_section(); bpf_rcu_read_unlock();"))
		verifier.Check(context.Background(), u, []*btfdb.Kernel{btfdb.Newest()}, []*verifier.Rule{rule(&found)})
		if len(found) != want {
			t.Errorf("%q: %d issues, want %d", include, len(found), want)
		}
	}
}

// A program with more paths than are followed is not judged, and ends.
func TestTooManyPaths(t *testing.T) {
	var b strings.Builder
	b.WriteString("struct task_struct *p = bpf_task_from_pid(1);\n")
	for i := range 40 {
		fmt.Fprintf(&b, "int v%d = 0; if (unknown(%d)) v%d = 1;\n", i, i, i)
	}
	for i := range 40 {
		fmt.Fprintf(&b, "if (v%d) h = %d; if (v%d) g = %d;\n", i, i, i, i)
	}
	if got := kinds(t, b.String()); got != "" {
		t.Errorf("found %s", got)
	}
}

// What is remembered from edit to edit is what a new walk finds: a change in a
// helper counts in the programs that call it, and one elsewhere moves places.
func TestEdits(t *testing.T) {
	text := "static void drop(struct task_struct *p) { DROP }\n" + program("struct task_struct *p = bpf_task_from_pid(1); if (p) drop(p);")
	index := cindex.New(cindex.OSFS{}, cindex.Config{})
	var kept, fresh []flow.Result
	kernels := []*btfdb.Kernel{btfdb.Newest()}
	checker := verifier.NewChecker(kernels, []*verifier.Rule{rule(&kept)})
	for i, edit := range []struct {
		drop string
		n    int
	}{{"bpf_task_release(p);", 0}, {"", 1}, {"if (p->pid) bpf_task_release(p);", 1}, {"bpf_task_release(p);", 0}} {
		u := unit(t, index, strings.Repeat("/* moved */\n", i)+strings.Replace(text, "DROP", edit.drop, 1))
		checker.Check(context.Background(), u)
		verifier.Check(context.Background(), u, kernels, []*verifier.Rule{rule(&fresh)})
		if len(kept) != edit.n || len(fresh) != edit.n {
			t.Errorf("edit %d: %d issues kept, %d fresh, want %d", i, len(kept), len(fresh), edit.n)
		}
		for j := range kept {
			if kept[j].Issue != fresh[j].Issue {
				t.Errorf("edit %d: kept %+v, fresh %+v", i, kept[j].Issue, fresh[j].Issue)
			}
		}
	}
}

// A function that is not static is verified on its own if the compiler keeps
// it, and as part of its callers if not: then nothing is said.
func TestApart(t *testing.T) {
	const body = "bpf_rcu_read_lock(); leave(); g = 1;"
	for def, want := range map[string]int{
		"static void leave(void) { bpf_rcu_read_unlock(); }":                           0,
		"void leave(void) { bpf_rcu_read_unlock(); }":                                  0,
		"inline void leave(void) { bpf_rcu_read_unlock(); }":                           0,
		"__noinline void leave(void) { bpf_rcu_read_unlock(); }":                       2, // left open here, not entered there
		"__weak void leave(void) { g = 2; }":                                           1,
		"static void leave(void) { if (g) bpf_rcu_read_unlock(); }":                    1,
		"static void leave(void) { g = 3; }":                                           1,
		"static void leave(void) { asm volatile(\"r0 = 1\"); bpf_rcu_read_unlock(); }": 0,
	} {
		var found []flow.Result
		u := unit(t, cindex.New(cindex.OSFS{}, cindex.Config{}), def+"\n"+program(body))
		verifier.Check(context.Background(), u, []*btfdb.Kernel{btfdb.Newest()}, []*verifier.Rule{rule(&found)})
		if len(found) != want {
			t.Errorf("%s: %d issues, want %d", def, len(found), want)
		}
	}
}
