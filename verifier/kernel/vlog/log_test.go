package vlog

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/want.txt")

// TestLogs reads real logs: testdata/CASE-RELEASE.log is what that kernel said
// of verifier/object/testdata/CASE.bpf.o. want.txt holds what is made of them.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d logs, %v", len(files), err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		describe(&b, strings.TrimSuffix(filepath.Base(f), ".log"), Parse(string(text)))
	}
	const golden = "testdata/want.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

func describe(b *strings.Builder, name string, l Log) {
	fmt.Fprintf(b, "%s\n  %s: %s\n", name, Rule(l.Message), l.Message)
	for _, m := range l.More {
		fmt.Fprintf(b, "  and: %s\n", m)
	}
	fmt.Fprintf(b, "  insn %d %q, calls %v; %d insns, %d peak states, %d bytes of stack\n", l.Insn, l.At, l.Calls, l.Stats.Insns, l.Stats.Peak, l.Stats.Stack)
	if k := Kfunc(l.Message); k != "" {
		fmt.Fprintf(b, "  kfunc: %s\n", k)
	}
	for _, e := range l.Path {
		fmt.Fprintf(b, "  path: %d %s\n", e.Insn, e.Text)
	}
	for _, s := range []string{l.Category, l.Reason, l.Suggestion} {
		if s != "" {
			fmt.Fprintf(b, "  report: %s\n", s)
		}
	}
}

// TestLoop tells a loop once, with how often it was gone through.
func TestLoop(t *testing.T) {
	var b strings.Builder
	b.WriteString("0: (b7) r6 = 0\n")
	for range 30 {
		b.WriteString("1: (07) r6 += 1\n2: (a5) if r6 < 0x20 goto pc-2\n")
	}
	b.WriteString("3: (15) if r6 == 0x1 goto pc+4\n8: (79) r1 = *(u64 *)(r6 +0)\nR6 invalid mem access 'scalar'\nprocessed 64 insns (limit 1000000) max_states_per_insn 4 total_states 9 peak_states 7 mark_read 0\n")
	l := Parse(b.String())
	want := []Event{{2, "took the branch (29 times)"}, {2, "did not take the branch"}, {3, "took the branch"}}
	if d := cmp.Diff(want, l.Path); d != "" {
		t.Error(d)
	}
	if l.Insn != 8 || l.Message != "R6 invalid mem access 'scalar'" || l.Stats.Peak != 7 {
		t.Errorf("%+v", l)
	}
}

// TestRules holds words of other releases that the corpus does not have.
func TestRules(t *testing.T) {
	for _, c := range []struct{ message, rule, kfunc string }{
		{"calling kernel function scx_bpf_kick_cpu is not allowed", "kfunc-context", "scx_bpf_kick_cpu"},
		{"program must be sleepable to call sleepable kfunc scx_bpf_create_dsq", "kfunc-sleepable", "scx_bpf_create_dsq"},
		{"Possibly NULL pointer passed to trusted arg0", "kfunc-null", ""},
		{"Possibly NULL pointer passed to trusted R1", "kfunc-null", ""},
		{"Unreleased reference id=1 alloc_insn=0", "kfunc-reference", ""},
		{"release kfunc bpf_task_release expects referenced PTR_TO_BTF_ID passed to R1", "kfunc-reference", "bpf_task_release"},
		{"function calls are not allowed while holding a lock", "kfunc-locked", ""},
		{"expected an initialized iter_scx_dsq as arg #0", "kfunc-iterator", ""},
		{"arg#0 pointer type STRUCT task_struct must point to scalar, or struct with scalar", "kfunc-args", ""},
		{"R1 is scalar expected STRUCT task_struct", "kfunc-args", ""},
		{"cannot find address for kernel function bpf_wq_set_callback_impl", "kfunc-unavailable", "bpf_wq_set_callback_impl"},
		{"attach to unsupported member tick of struct sched_ext_ops", "ops-member", ""},
		{"BPF program is too large. Processed 1000001 insn", RuleUnknown, ""},
	} {
		if got := Rule(c.message); got != c.rule {
			t.Errorf("%q: rule %s, want %s", c.message, got, c.rule)
		}
		if got := Kfunc(c.message); got != c.kfunc {
			t.Errorf("%q: kfunc %q, want %q", c.message, got, c.kfunc)
		}
	}
}

// FuzzParse: whatever a guest sends, what is made of it is bounded.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*-7.3.log")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add("from 9999999 to 1: \n0: (85) call pc+1\nx\nVerification failed: \n\nCausal path:\n  >>> 1 | (85)")
	f.Fuzz(func(t *testing.T, s string) {
		l := Parse(s)
		if len(l.Path) > maxPath || len(l.Calls) > 16 || len(l.More) > 16 || len(l.Message) > 500 {
			t.Fatalf("unbounded: %+v", l)
		}
		if l.Message == "" && l.Insn != -1 {
			t.Fatalf("an instruction without a message: %+v", l)
		}
	})
}
