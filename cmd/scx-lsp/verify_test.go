package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const objects = "../../verifier/object/testdata/"

func runVerify(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = verifyCommand(args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestVerifyExitCodes(t *testing.T) {
	for _, tc := range []struct {
		want int
		args []string
	}{
		{exitClean, []string{"--kernel", "7.3", objects + "right.bpf.o"}},
		{exitClean, []string{"--kernel", "7.3", objects + "rodata_off.bpf.o"}},
		{exitFindings, []string{"--kernel", "7.3", "--rodata", "eager=1", objects + "rodata_off.bpf.o"}},
		{exitFindings, []string{"--kernel", "6.16..7.3", objects + "direct.bpf.o"}},
		{exitTrouble, []string{"--kernel", "7.3", objects + "direct.bpf.c"}},
		{exitTrouble, []string{"--kernel", "7.3", objects + "right.bpf.o", objects}},
		{exitTrouble, []string{"--rodata", "eager", objects + "right.bpf.o"}},
		{exitTrouble, []string{"--rodata", "nobody=1", objects + "right.bpf.o"}},
		{exitTrouble, []string{"--format", "xml", objects + "right.bpf.o"}},
		{exitTrouble, nil},
	} {
		code, _, errs := runVerify(t, tc.args...)
		if code != tc.want || (code == exitTrouble) != (errs != "") {
			t.Errorf("%q: exit %d, want %d; stderr %q", tc.args, code, tc.want, errs)
		}
	}
}

func TestVerifyText(t *testing.T) {
	_, out, _ := runVerify(t, "--kernel", "6.16,7.3", "--color", "never", objects+"two_tables.bpf.o")
	squeezed := strings.Join(strings.FieldsFunc(out, func(r rune) bool { return r == ' ' }), " ")
	for _, want := range []string{
		"\n 6.16 7.3\n",
		"\n fifo_ops (sched_ext_ops) ok ok\n",
		"\n second_ops (sched_ext_ops) aborts refused\n",
		"\n .tick second_tick, 3 insns aborts refused\n",
		"\ntwo_tables.bpf.c:5:29: error: scx_bpf_dispatch_nr_slots is not allowed in ops.tick (only in ops.dispatch) [kfunc-context]\n",
		"\n 5 | int second_tick(u64 *ctx) { scx_bpf_dispatch_nr_slots(); return 0; }\n",
		"1 file, Linux 6.16, 7.3: 1 error, 0 warnings\n",
	} {
		if !strings.Contains(squeezed, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestVerifyJSON(t *testing.T) {
	_, out, _ := runVerify(t, "--kernel", "6.16,7.3", "--format", "json", objects+"static_helper.bpf.o")
	var d verifyDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, "null") {
		t.Errorf("null in %s", out)
	}
	if len(d.Objects) != 1 || len(d.Objects[0].Programs) != 12 || d.Summary.Errors != 1 {
		t.Fatalf("%d objects, %+v", len(d.Objects), d.Summary)
	}
	for _, p := range d.Objects[0].Programs {
		verdict, runs, n := "accepted", "ok", 0
		if p.Name == "fifo_enqueue" {
			n = 1
			if p.Kernel == "7.3" {
				verdict = "refused"
			} else {
				runs = "aborted"
			}
		}
		if p.Verdict != verdict || p.Run != runs || len(p.Findings) != n {
			t.Errorf("%s on %s: %s, %s, %d findings", p.Name, p.Kernel, p.Verdict, p.Run, len(p.Findings))
		}
		for _, f := range p.Findings {
			if f.Rule != "kfunc-context" || len(f.Chain) != 2 || f.Chain[0].Callee != "drain" || f.Range.Start.Line != 3 {
				t.Errorf("finding %+v", f)
			}
		}
	}
}

func TestVerifySARIF(t *testing.T) {
	_, out, _ := runVerify(t, "--kernel", "7.3", "--format", "sarif", objects+"inlined.bpf.o", objects+"rodata_off.bpf.o")
	var log sarifLog
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for _, r := range log.Runs[0].Results {
		levels[r.Level]++
		if at := r.Locations[0].Physical; at.Region.StartLine == 0 || at.Artifact.URI == "" {
			t.Errorf("no location: %+v", r)
		}
	}
	if levels["error"] != 1 || levels["warning"] != 1 {
		t.Errorf("levels %v, want an error and a warning", levels)
	}
}

// TestOracleVerify: Linux 7.3 loads the objects of its own schedulers.
func TestOracleVerify(t *testing.T) {
	tree := kernelSources(t)
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("clang-19 is not installed")
	}
	dir := filepath.Join(tree, "linux-7.3", "tools", "sched_ext")
	files, err := filepath.Glob(filepath.Join(dir, "*.bpf.c"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d schedulers in %s, %v", len(files), dir, err)
	}
	for _, f := range files {
		obj := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(f), ".c")+".o")
		out, err := exec.Command(clang, "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86",
			"-fms-extensions", "-Wno-everything", "-I", filepath.Join(dir, "include"), "-I", filepath.Join(dir, "include", "bpf-compat"),
			"-I", filepath.Join(tree, "vmlinux"), "-I", filepath.Join(tree, "libbpf"), "-c", f, "-o", obj).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", f, err, out)
			continue
		}
		if code, text, errs := runVerify(t, "--kernel", "7.3", obj); code != exitClean || strings.Contains(text, "warning:") {
			t.Errorf("%s: exit %d\n%s%s", f, code, text, errs)
		}
	}
}
