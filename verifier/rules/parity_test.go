package rules

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

// A selftest is one program of the kernel's BPF selftests, with what its
// authors say the verifier answers.
type selftest struct {
	file    string
	program string
	failure bool
	success bool
	msgs    []string
	errors  []verifier.Finding
	kfuncs  bool // calls kfuncs, itself or through functions of its source
	module  bool // calls kfuncs that the kernel's image does not have
	asm     bool // is written in assembler
}

var (
	annotation = regexp.MustCompile(`\b__(failure|success)\b`)
	message    = regexp.MustCompile(`\b__msg\("((?:[^"\\]|\\.)*)"`)
)

// selftests checks the programs of a tree's BPF selftests for its release.
func selftests(t *testing.T, root string, k *btfdb.Kernel) []*selftest {
	t.Helper()
	dir := filepath.Join(root, "linux-"+k.Release, "tools/testing/selftests/bpf/progs")
	files, err := filepath.Glob(filepath.Join(dir, "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no selftests in %s (%v)", dir, err)
	}
	index := cindex.New(cindex.OSFS{}, cindex.Config{})
	checker := verifier.NewChecker([]*btfdb.Kernel{k}, All)
	var out []*selftest
	for _, f := range files {
		u, err := index.Unit(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, programs(u, k, checker)...)
	}
	return out
}

// programs gives the annotated programs of a unit.
func programs(u *cindex.Unit, k *btfdb.Kernel, c *verifier.Checker) []*selftest {
	by := map[string]*selftest{}
	var out []*selftest
	for _, p := range u.Programs {
		head := heading(p.Func)
		kinds := annotation.FindAllStringSubmatch(head, -1)
		if len(kinds) == 0 {
			continue
		}
		s := &selftest{file: filepath.Base(u.Main.Path), program: p.Func.Name}
		for _, m := range kinds {
			s.failure = s.failure || m[1] == "failure"
			s.success = s.success || m[1] == "success"
		}
		for _, m := range message.FindAllStringSubmatch(head, -1) {
			s.msgs = append(s.msgs, m[1])
		}
		s.note(u, p.Func, k, map[string]bool{})
		s.asm = strings.Contains(string(p.Func.At.File.Content[p.Func.Body.Start:p.Func.Body.End]), "asm volatile")
		by[s.program] = s
		out = append(out, s)
	}
	for _, f := range c.Check(context.Background(), u) {
		// What libbpf loads only on request gets no more than a warning; the tests
		// ask for it.
		if f.Severity > verifier.Warning {
			continue
		}
		for _, name := range programsOf(f) {
			if s := by[name]; s != nil {
				s.errors = append(s.errors, f)
			}
		}
	}
	return out
}

// programsOf lists the programs that a finding is about.
func programsOf(f verifier.Finding) []string {
	out := []string{f.Program}
	for _, n := range f.Notes {
		if list, ok := strings.CutPrefix(n.Message, flow.InProgramsToo); ok {
			out = append(out, strings.Split(list, ", ")...)
		}
	}
	return out
}

// note tells what a program is made of.
func (s *selftest) note(u *cindex.Unit, fn *cindex.Func, k *btfdb.Kernel, seen map[string]bool) {
	if seen[fn.Name] {
		return
	}
	seen[fn.Name] = true
	for i := range fn.Calls {
		callee := fn.Calls[i].Callee
		if sub := u.Func(callee); sub != nil {
			s.note(u, sub, k, seen)
			continue
		}
		known := k.Kfunc(verifier.KernelName(callee)) != nil
		s.kfuncs = s.kfuncs || known
		s.module = s.module || !known && slices.ContainsFunc(u.Externs, func(e *cindex.Extern) bool { return e.Func && e.Name == callee })
	}
}

// heading is what stands between the declaration before a function and its
// name.
func heading(fn *cindex.Func) string {
	text := string(fn.At.File.Content[:fn.At.Span.Start])
	from := 0
	for _, end := range []string{"\n}", ";\n", "*/\n"} {
		from = max(from, strings.LastIndex(text, end))
	}
	return text[from:]
}

// A class is a kind of message, with the rules that are there for it.
type class struct {
	name  string
	rules string
	re    *regexp.Regexp
}

// classes are tried in this order, the program's last message first. Those
// without rules are out of reach of a reader of sources.
var classes = []class{
	{"context: the kfunc is not allowed here", "kfunc-context", regexp.MustCompile(`calling kernel function .* is not allowed`)},
	{"sleepable: may sleep where the program may not", "kfunc-sleepable", regexp.MustCompile(`is sleepable within|sleepable (helper|kfunc)|must be sleepable`)},
	{"maybe-NULL: passed to a trusted argument", "kfunc-null", regexp.MustCompile(`NULL pointer passed to trusted`)},
	{"maybe-NULL: read or written through", "kfunc-null", regexp.MustCompile(`invalid mem access '\w*ptr_or_null_`)},
	{"reference: not released", "kfunc-reference kfunc-iterator", regexp.MustCompile(`Unreleased reference|reference leak|Leaking reference`)},
	{"reference: not acquired, or not trusted", "kfunc-reference kfunc-rcu", regexp.MustCompile(`release kfunc|expects? (a )?referenced|must be referenced`)},
	{"iterator: not made, advanced and destroyed in order", "kfunc-iterator", regexp.MustCompile(`expected (an )?(un)?initialized iter`)},
	{"RCU: section missing or open", "kfunc-rcu", regexp.MustCompile(`RCU critical section|expected an RCU CS|bpf_rcu_read_lock-ed`)},
	{"RCU: pointer not protected", "kfunc-rcu", regexp.MustCompile(`must be a rcu pointer`)},
	{"section: preemption or interrupts off", "kfunc-locked", regexp.MustCompile(`irq|preempt_disable|IRQ`)},
	{"arguments: not an object of the kernel", "kfunc-args kfunc-reference", regexp.MustCompile(`is (fp|scalar) expected`)},
	{"bpf_spin_lock, bpf_res_spin_lock", "", regexp.MustCompile(`lock`)},
	{"dynptr", "", regexp.MustCompile(`dynptr`)},
	{"other: bounds, types of objects, sizes, callbacks", "", regexp.MustCompile(``)},
}

func (s *selftest) class() class {
	for i := len(s.msgs) - 1; i >= 0; i-- {
		for _, c := range classes[:len(classes)-1] {
			if c.re.MatchString(s.msgs[i]) {
				return c
			}
		}
	}
	return classes[len(classes)-1]
}

// caught tells whether a rule of the class found something; of a class without
// rules, whether any did.
func (s *selftest) caught() bool {
	rules := s.class().rules
	return slices.ContainsFunc(s.errors, func(f verifier.Finding) bool {
		return rules == "" || slices.Contains(strings.Fields(rules), f.Rule)
	})
}

var update = flag.Bool("update", false, "rewrite docs/parity.md and docs/rules.md")

// TestOracleParity holds docs/parity.md against what the rules find in the
// kernel's own selftests: programs that its verifier refuses, with the message,
// and programs that it loads, where an error is a false alarm.
func TestOracleParity(t *testing.T) {
	root := os.Getenv("SCX_LSP_SOURCES")
	if root == "" {
		t.Skip("SCX_LSP_SOURCES is not set: scripts/test clang fetches the kernel's sources and runs this")
	}
	k, err := btfdb.Load("7.3")
	if err != nil {
		t.Fatal(err)
	}
	all := selftests(t, root, k)
	loaded := 0
	for _, s := range all {
		if !s.success || s.failure {
			continue
		}
		if s.kfuncs {
			loaded++
		}
		for _, f := range s.errors {
			t.Errorf("false alarm: %s: %s: %s: %s", s.file, s.program, f.Rule, f.Message)
		}
	}
	const path = "../../docs/parity.md"
	table := parity(all, loaded)
	if *update {
		if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != table {
		t.Errorf("docs/parity.md is not what is measured (%v): run this test with -update and look at the difference", err)
	}
}

const parityHead = `# Parity with the kernel's verifier

Written by TestOracleParity (verifier/rules); do not edit. The test fails when
this is not what is measured.

The programs are those of Linux 7.3's BPF selftests
(tools/testing/selftests/bpf/progs) whose authors say in the source what the
verifier answers, that call a kfunc, themselves or through functions of their
source, and that are written in C rather than assembler. A program is caught
when a rule for its class reports an error in it, or a warning: what is loaded only
on request, SEC("?..."), gets no more. In the classes below the line, which no rule
is there for, any rule will do. Programs that call kfuncs of the selftests' own
module, which no kernel image has, are counted apart.

`

// parity writes the page.
func parity(all []*selftest, loaded int) string {
	var b, missed strings.Builder
	b.WriteString(parityHead)
	fmt.Fprintf(&b, "Of %d programs that the verifier loads, none gets an error or a warning.\n\n", loaded)
	b.WriteString("| what the verifier says | rules | programs | caught | | of the module |\n|---|---|---:|---:|---:|---:|\n")
	for _, c := range classes {
		n, caught, module := 0, 0, 0
		for _, s := range all {
			switch {
			case !s.failure || s.asm || s.class().name != c.name || !s.kfuncs && !s.module:
			case s.module:
				module++
			case s.caught():
				n, caught = n+1, caught+1
			default:
				n++
				if c.rules != "" {
					fmt.Fprintf(&missed, "- %s: %s: %s\n", c.name, s.file, s.program)
				}
			}
		}
		rules := c.rules
		if rules == "" {
			rules = "–"
		}
		share := ""
		if n > 0 {
			share = fmt.Sprintf("%d %%", 100*caught/n)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s | %d |\n", c.name, rules, n, caught, share, module)
	}
	fmt.Fprintf(&b, "\n## Missed\n\n%s", missed.String())
	return b.String()
}
