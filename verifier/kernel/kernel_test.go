package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
)

// TestRunLog reads what 6.19.14 logged when it threw a scheduler out.
func TestRunLog(t *testing.T) {
	log := strings.Join([]string{
		`sched_ext: BPF scheduler "fifo" enabled`,
		`sched_ext: BPF scheduler "fifo" disabled (runtime error)`,
		`sched_ext: fifo: kfunc with mask 0x2 called from an operation only allowing 0x4`,
		`   scx_exit+0x50/0x70`,
		`   scx_bpf_dsq_move_to_local+0xc5/0x100`,
		`   bpf_prog_afa127272c5b2f6e_fifo_enqueue+0x29/0x44`,
		`   bpf__sched_ext_ops_enqueue+0x4b/0xa8`,
		``,
	}, "\n")
	var r Run
	r.read(log)
	want := Run{
		Kind: "runtime error", Message: "kfunc with mask 0x2 called from an operation only allowing 0x4",
		Trace: []string{"scx_exit+0x50/0x70", "scx_bpf_dsq_move_to_local+0xc5/0x100", "bpf_prog_afa127272c5b2f6e_fifo_enqueue+0x29/0x44", "bpf__sched_ext_ops_enqueue+0x4b/0xa8"},
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
	if got := kernelCaller(r.Trace); got != "scx_bpf_dsq_move_to_local" {
		t.Errorf("called %q", got)
	}
}

// TestRunOutcomes words what a guest reports of a run.
func TestRunOutcomes(t *testing.T) {
	for _, c := range []struct {
		name string
		in   bpf.RunReport
		want string
	}{
		{"survived", bpf.RunReport{Survived: true, Attached: []bpf.AttachReport{{Name: "ops"}}}, "survived"},
		{"hotplug", bpf.RunReport{Survived: true, Hotplug: true, Attached: []bpf.AttachReport{{Name: "ops"}}}, "survived, and left when a CPU came or went"},
		{"load", bpf.RunReport{Attached: []bpf.AttachReport{{Name: "ops", Stage: "load", Errno: 2}}}, "not attached: a program of it did not load"},
		{"attach", bpf.RunReport{Attached: []bpf.AttachReport{{Name: "ops", Stage: "link", Errno: 22}}}, "not attached: EINVAL: invalid argument"},
		{"no ops", bpf.RunReport{}, "no sched_ext ops to attach"},
		{"silent", bpf.RunReport{Attached: []bpf.AttachReport{{Name: "ops"}}}, "ended, and the kernel did not say why"},
	} {
		if got := ranAs(&link.Linked{}, &bpf.Report{Run: &c.in}).Outcome; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestResults: an image that cannot be judged is so in all rows, and severity
// counts the others only.
func TestResults(t *testing.T) {
	o := readObjects(t, "../object/testdata/direct.bpf.o")[0]
	refused := Judgement{Kernel: "7.3.4+deb13-amd64", Verdicts: []Verdict{
		{Program: "fifo_enqueue", Context: "sched_ext_ops.enqueue", Refused: true, Errno: 13, Message: "calling kernel function scx_bpf_dsq_move_to_local is not allowed"},
		{Program: "fifo_tick", Context: "sched_ext_ops.tick"},
	}}
	res := Results(o.Object, []Judgement{refused, {Kernel: "9.9.9", NotJudged: "the guest ended"}})
	var got []string
	for _, r := range res.Rows {
		got = append(got, strings.Join([]string{r.Program.Name, r.Kernel.Release, r.Verdict.String(), r.Reason}, " "))
	}
	want := []string{
		"fifo_enqueue 7.3 refused ", "fifo_enqueue 9.9 not-judged the guest ended",
		"fifo_tick 7.3 accepted ", "fifo_tick 9.9 not-judged the guest ended",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(res.Findings) != 1 || res.Findings[0].Severity.String() != "error" || res.Findings[0].Rule != "kfunc-context" {
		t.Errorf("%+v", res.Findings)
	}
}

// TestCache: a judgement is found again under the same key only, and a damaged
// file is none.
func TestCache(t *testing.T) {
	c := Cache{t.TempDir()}
	key := cacheKey([]byte("object"), "image", map[string]uint64{"a": 1})
	for _, other := range []string{
		cacheKey([]byte("objects"), "image", map[string]uint64{"a": 1}),
		cacheKey([]byte("object"), "images", map[string]uint64{"a": 1}),
		cacheKey([]byte("object"), "image", map[string]uint64{"a": 2}),
		cacheKey([]byte("object"), "image", nil),
	} {
		if other == key {
			t.Error("two questions, one key")
		}
	}
	if _, ok := c.get(key); ok {
		t.Error("an answer to what was not asked")
	}
	c.put(key, Judgement{Kernel: "7.3", Verdicts: []Verdict{{Program: "p"}}})
	if j, ok := c.get(key); !ok || j.Kernel != "7.3" || len(j.Verdicts) != 1 {
		t.Errorf("%+v, %v", j, ok)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, key+".json"), []byte(`{"kernel":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if j, ok := c.get(key); ok {
		t.Errorf("a damaged file: %+v", j)
	}
	if files, _ := os.ReadDir(c.Dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

// TestBadImages: what is no kernel is a verdict that says so.
func TestBadImages(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "vmlinuz-text")
	if err := os.WriteFile(text, []byte("not a kernel\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := newTestChecker(t)
	c.BTF = func(string) ([]byte, error) { t.Error("asked for types"); return nil, os.ErrInvalid }
	objects := readObjects(t, "../object/testdata/right.bpf.o")
	for _, x := range []struct{ image, why string }{{text, "not a bzImage"}, {filepath.Join(dir, "none"), "no such file"}, {dir, "is a directory"}} {
		j := c.Judge(t.Context(), objects, []string{x.image}, Options{})[0][0]
		if !strings.Contains(j.NotJudged, x.why) {
			t.Errorf("%s: %q, want %q", x.image, j.NotJudged, x.why)
		}
	}
	if j := c.Judge(t.Context(), objects, []string{Running}, Options{Run: 1})[0][0]; !strings.Contains(j.NotJudged, "guests only") {
		t.Errorf("a run on the running kernel: %q", j.NotJudged)
	}
}
