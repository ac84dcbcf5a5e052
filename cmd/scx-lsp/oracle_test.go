package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/report"
)

// kernelSources gives the directory that scripts/kernel-sources fills.
func kernelSources(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SCX_LSP_SOURCES")
	if dir == "" {
		t.Skip("SCX_LSP_SOURCES is not set: scripts/test clang fetches the kernel's sources and runs this")
	}
	return dir
}

func checkJSON(t *testing.T, args ...string) report.Document {
	t.Helper()
	var out, errs bytes.Buffer
	run(append([]string{"check", "--format", "json"}, args...), nil, &out, &errs)
	if errs.Len() > 0 {
		t.Errorf("check %s: %s", strings.Join(args, " "), errs.String())
	}
	var d report.Document
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// failsByDesign are the selftests that a kernel refuses to load or to attach, or
// throws out when they run, for the reasons that our rules cover: the rule.
var failsByDesign = map[string]string{
	"non_scx_kfunc_deny.bpf.c":          "kfunc-context",
	"enq_select_cpu_fails.bpf.c":        "kfunc-context",
	"enq_last_no_enq_fails.bpf.c":       "ops-member",
	"ddsp_bogus_dsq_fail.bpf.c":         "scx-contract",
	"ddsp_vtimelocal_fail.bpf.c":        "scx-contract",
	"select_cpu_dispatch_bad_dsq.bpf.c": "scx-contract",
	"select_cpu_dispatch_dbl_dsp.bpf.c": "scx-contract",
	"maybe_null_fail_dsp.bpf.c":         "kfunc-null",
	"maybe_null_fail_yld.bpf.c":         "kfunc-null",
}

// TestOracleKernelTree: a kernel runs its own schedulers, so that an error on
// one of them is a false alarm; what fails by design must be found.
func TestOracleKernelTree(t *testing.T) {
	for release, atLeast := range map[string]int{"7.3": 35, "6.12": 20} {
		t.Run(release, func(t *testing.T) { kernelTree(t, release, atLeast) })
	}
}

func kernelTree(t *testing.T, release string, atLeast int) {
	tree := filepath.Join(kernelSources(t), "linux-"+release)
	selftests := filepath.Join(tree, "tools", "testing", "selftests", "sched_ext")
	d := checkJSON(t, "--kernel", release, filepath.Join(tree, "tools", "sched_ext"), selftests)
	if d.Summary.Files < atLeast {
		t.Errorf("only %d schedulers found", d.Summary.Files)
	}
	found := map[string]bool{}
	for _, f := range d.Findings {
		name := filepath.Base(f.File)
		if failsByDesign[name] == f.Rule && f.Severity == "error" {
			found[name] = true
			continue
		}
		t.Errorf("false alarm: %s:%d: %s: %s", f.File, f.Range.Start.Line, f.Severity, f.Message)
	}
	for name := range failsByDesign {
		if _, err := os.Stat(filepath.Join(selftests, name)); err == nil && !found[name] {
			t.Errorf("%s: nothing found, but Linux %s does not run it", name, release)
		}
	}
}

// TestOracleSimple puts the mistake that everybody makes once into the
// kernel's own example, first in the callback and then in a helper.
func TestOracleSimple(t *testing.T) {
	tree := filepath.Join(kernelSources(t), "linux-7.3", "tools", "sched_ext")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(tree)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "scx_simple.bpf.c")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const op = "void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)\n{\n"
	const call = "\tscx_bpf_dsq_move_to_local(SHARED_DSQ, 0);\n"
	tests := []struct {
		name  string
		with  string
		chain []string
	}{
		{"callback", op + call, []string{"simple_enqueue"}},
		{"helper", "static void pull(void)\n{\n" + call + "}\n\n" + op + "\tpull();\n", []string{"simple_enqueue", "pull"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(string(src), op, tt.with, 1)
			if err := os.WriteFile(file, []byte(bad), 0o644); err != nil {
				t.Fatal(err)
			}
			d := checkJSON(t, "--kernel", "7.3", file)
			if len(d.Findings) != 1 {
				t.Fatalf("got %d findings, want 1: %+v", len(d.Findings), d.Findings)
			}
			f := d.Findings[0]
			line := strings.Count(bad[:strings.Index(bad, call)], "\n") + 1
			if f.File != file || f.Range.Start.Line != line || f.Kfunc != "scx_bpf_dsq_move_to_local" || f.Context != "sched_ext_ops.enqueue" {
				t.Errorf("got %+v, want it at line %d", f, line)
			}
			var chain []string
			for _, s := range f.Chain {
				chain = append(chain, s.Function)
			}
			if strings.Join(chain, " ") != strings.Join(tt.chain, " ") {
				t.Errorf("chain %v, want %v", chain, tt.chain)
			}
		})
	}
}
