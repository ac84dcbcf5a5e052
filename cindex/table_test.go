package cindex

import (
	"context"
	"fmt"
	"testing"
)

// TestTableFacts asks for what the rules about ops tables look at: the value of
// data members, result types behind BPF_PROG, the license.
func TestTableFacts(t *testing.T) {
	const p = "/w/a.bpf.c"
	x := New(MapFS{p: `
#define SECOND 1000
enum { LIMIT = 4 };
char _license[] SEC("license") = "Dual MIT/GPL";
s32 BPF_STRUCT_OPS(pick, struct task_struct *p, s32 prev, u64 flags) { return prev; }
static struct task_struct *of(u64 id) { return 0; }
SEC(".struct_ops.link") struct sched_ext_ops ops = {
	.select_cpu = (void *)pick, .timeout_ms = 5 * SECOND, .dispatch_max_batch = LIMIT, .flags = UNKNOWN | 1,
};
`}, Config{})
	u, err := x.Unit(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, in := range u.Tables[0].Inits {
		got += fmt.Sprintf("%s = %s: %v\n", in.Member, in.Value, in.Num)
	}
	for _, f := range u.Funcs() {
		got += f.Name + " gives " + f.Ret + "\n"
	}
	if u.License == nil {
		t.Fatal("no license found")
	}
	got += "license " + u.License.Value + " at " + string(u.Main.Content[u.License.At.Span.Start:u.License.At.Span.End])
	const want = `select_cpu = pick: ?
timeout_ms = 5 * 1000: 5000
dispatch_max_batch = LIMIT: 4
flags = UNKNOWN | 1: ?
pick gives s32
of gives struct task_struct *
license Dual MIT/GPL at _license`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestResults: what a static function gives decides a guard as if it stood
// there; what a global one gives is unknown, as to the verifier.
func TestResults(t *testing.T) {
	const p = "/w/a.bpf.c"
	u, err := New(MapFS{p: `
const volatile int depth = 0;
static bool deep(void) { return depth > 2; }
static inline bool deeper(void) { return deep(); }
bool global(void) { return depth > 2; }
__weak static bool weak(void) { return 0; }
static bool param(int x) { return x; }
static bool loops(void) { return again(); }
static bool again(void) { return loops(); }
#if UNKNOWN
static bool arm(void) { return 0; }
#else
static bool arm(void) { return other(); }
#endif
void f(void)
{
	if (deep()) a();
	if (!deeper()) b();
	if (global()) c();
	if (weak()) d();
	if (param(0)) e();
	if (loops()) g();
	if (arm()) h();
	if ((other() & 7) > 7) i();
}
`}, Config{}).Unit(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range u.Func("f").Calls {
		if len(c.Callee) == 1 {
			got += c.Callee + " if " + exprList(c.Guards, " && ") + "\n"
		}
	}
	const want = `a if (rodata(depth = 0) > 2)
b if !(rodata(depth = 0) > 2)
c if 
d if 
e if 
g if 
h if 
i if 0
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLicenseForms reads only what is one string.
func TestLicenseForms(t *testing.T) {
	for src, want := range map[string]string{
		`char l[] SEC("license") = "GPL";`:                             "GPL",
		`char l[4] __attribute__((section("license"), used)) = "GPL";`: "GPL",
		`#define L "BSD"
char l[] SEC("license") = L;`: "BSD",
		`char l[] SEC("license") = { 'G' };`: "-",
		`char l[] = "GPL";`:                  "-",
	} {
		u, err := New(MapFS{"/a.bpf.c": src}, Config{}).Unit(context.Background(), "/a.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		got := "-"
		if u.License != nil {
			got = u.License.Value
		}
		if got != want {
			t.Errorf("%s: license %q, want %q", src, got, want)
		}
	}
}
