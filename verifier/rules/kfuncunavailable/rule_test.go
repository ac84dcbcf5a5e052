package kfuncunavailable

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }

// The fixes: a slip in a name, and a declaration that must be weak.
func TestFix(t *testing.T) {
	const tail = "struct sched_ext_ops o SEC(\".struct_ops.link\") = { .enqueue = (void *)e };\n"
	const wrong = "SEC(\"struct_ops/e\") void BPF_PROG(e, struct task_struct *p) { scx_bpf_kik_cpu(0, 0); }\n"
	verifiertest.Fix(t, Rule, wrong+tail, "Replace with scx_bpf_kick_cpu",
		strings.ReplaceAll(wrong, "kik", "kick")+tail)
	const use = "SEC(\"struct_ops/e\") void BPF_PROG(e, struct task_struct *p) { if (bpf_ksym_exists(other)) scx_bpf_cpu_rq(0); }\n"
	const guard = "void other(void) __ksym __weak;\n"
	verifiertest.Fix(t, Rule, guard+"struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym;\n"+use+tail, "Declare scx_bpf_cpu_rq __weak",
		guard+"struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym __weak;\n"+use+tail)
}

// TestGuardFix puts a call behind a test; a second finding would mean that the
// test has no effect.
func TestGuardFix(t *testing.T) {
	const decl = "void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym;\n"
	const head = "void BPF_STRUCT_OPS(e, struct task_struct *p, u64 f)\n{\n\tu64 n = f;\n"
	const tail = "}\nSEC(\".struct_ops.link\") struct sched_ext_ops o = { .enqueue = (void *)e, .name = \"a\" };\n"
	const call = "\tscx_bpf_dispatch(p, 0, n, f);\n"
	const title = "Call scx_bpf_dispatch only where the kernel has it"
	weak := strings.Replace(decl, "__ksym", "__ksym __weak", 1)
	guarded := "\tif (bpf_ksym_exists(scx_bpf_dispatch))\n\t\tscx_bpf_dispatch(p, 0, n, f);\n"
	verifiertest.Fix(t, Rule, decl+head+call+tail, title, weak+head+guarded+tail)
	verifiertest.Fix(t, Rule, weak+head+"\t/* now */\n"+call+tail, title, weak+head+"\t/* now */\n"+guarded+tail)
}

func TestStatement(t *testing.T) {
	for src, want := range map[string]bool{
		"{\n": true, ";\n": true, "}\n": true, "; /* x */\n": true,
		"if (x)\n": false, "else\n": false, "; // x\n": false, "": false, "a +\n": false, "*/\n": false,
	} {
		if got := statementBefore([]byte(src)); got != want {
			t.Errorf("statementBefore(%q) = %v", src, got)
		}
	}
	for src, want := range map[string]bool{
		"(a, f(b));": true, "();": true, " (x) ;": true,
		"(a) + 1;": false, "(a)->b;": false, "(a": false, ";": false, "(\")\");": false, "": false,
	} {
		if got := statementAfter([]byte(src)); got != want {
			t.Errorf("statementAfter(%q) = %v", src, got)
		}
	}
}

func TestInstead(t *testing.T) {
	for text, want := range map[string]string{
		"{ if (a) return f(); return false; }":                   "gives false",
		"{ if (a) f(); }":                                        "does nothing",
		"{ if (a) return f(p); p->scx.slice = x; return true; }": "",
		"{ if (p->x == 1) f(); }":                                "does nothing",
		"{ return -EOPNOTSUPP; }":                                "gives -EOPNOTSUPP",
	} {
		if got := ofBody(text); got != want {
			t.Errorf("ofBody(%q) = %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"(x) (e(f) ? f(x) : NULL)\n": "gives NULL", "() (e(f) ? f() : 1U)": "gives 1", "(e(f) ? f() : ({}))": "does nothing",
		"(e(f) ? f() : (void)0)": "does nothing", "(e(f) ? f() : g())": "", "(x) f(x)": "",
	} {
		if got := ofMacro(text); got != want {
			t.Errorf("ofMacro(%q) = %q, want %q", text, got, want)
		}
	}
}
