package kernel

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/btfdb/extract"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vm"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

var update = flag.Bool("update", false, "write the golden files of the tests that boot kernels")

func TestMain(m *testing.M) {
	vm.RunGuest()
	os.Exit(m.Run())
}

// guestBuilds are the kernels that the tests boot: two that check masks when a
// call runs, and two whose verifier does.
var guestBuilds = []string{"6.16.12", "6.19.14", "7.1.13", "7.3.4"}

// guestImages finds the images of those kernels.
func guestImages(t *testing.T, builds ...string) []string {
	t.Helper()
	dir := os.Getenv("SCX_LSP_KERNELS")
	if dir == "" {
		t.Skip("SCX_LSP_KERNELS names no directory made by scripts/kernel-images")
	}
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		t.Skip(vm.ErrNoQEMU)
	}
	all, err := extract.FindImages(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range builds {
		i := slices.IndexFunc(all, func(p string) bool { return strings.Contains(p, b+"+") })
		if i < 0 {
			t.Fatalf("no image of %s in %s", b, dir)
		}
		out = append(out, all[i])
	}
	return out
}

func newTestChecker(t *testing.T) *Checker {
	c := &Checker{Pool: vm.NewPool(0), BTF: extract.FileBTF}
	t.Cleanup(c.Pool.Close)
	return c
}

func readObjects(t *testing.T, paths ...string) []Object {
	t.Helper()
	var out []Object
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		o, err := object.Open(p, strings.NewReader(string(raw)), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Object{o, raw})
	}
	return out
}

// cases are the objects of the object pass. Not among them: one for a machine
// of the other byte order, and the parts of one that bpftool links.
func cases(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../object/testdata/*.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(p string) bool { return strings.Contains(p, "bigendian") || strings.Contains(p, "linked_") })
}

// TestImagesJudge: what four kernels say of every object of the object pass,
// and that the object pass says the same.
func TestImagesJudge(t *testing.T) {
	images := guestImages(t, guestBuilds...)
	objects := readObjects(t, cases(t)...)
	all := newTestChecker(t).Judge(t.Context(), objects, images, Options{})
	var b strings.Builder
	for i, js := range all {
		res := Results(objects[i].Object, js)
		name := strings.TrimSuffix(filepath.Base(objects[i].Name), ".bpf.o")
		for _, j := range js {
			if j.NotJudged != "" {
				t.Errorf("%s on %s: not judged: %s\n%s", name, j.Kernel, j.NotJudged, j.Console)
			}
		}
		for _, f := range res.Findings {
			describeFinding(&b, name, f)
		}
		compareStatic(t, name, objects[i].Object, res)
	}
	golden(t, "testdata/verdicts.txt", b.String())
}

func describeFinding(b *strings.Builder, name string, f verifier.Finding) {
	line, col := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	fmt.Fprintf(b, "%s: %s: %s:%d:%d: %s: %s\n", name, strings.Join(f.Releases, " "), filepath.Base(f.At.File.Path), line+1, col+1, f.Rule, f.Message)
	for _, s := range f.Chain {
		line, _ := s.At.File.Lines.OffsetLineCol(s.At.Span.Start)
		fmt.Fprintf(b, "    %s:%d: %s calls %s\n", filepath.Base(s.At.File.Path), line+1, s.Function, s.Callee)
	}
}

// compareStatic holds the object pass against what the kernels did when they
// loaded the object. Where the pass says "maybe", either is right.
func compareStatic(t *testing.T, name string, o *object.Object, real *object.Result) {
	t.Helper()
	static, err := o.Check(t.Context(), real.Kernels, object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range real.Rows {
		for _, s := range static.Rows {
			if s.Program != r.Program || s.Context != r.Context || s.Kernel != r.Kernel || s.Verdict == object.Maybe || s.Verdict == r.Verdict {
				continue
			}
			t.Errorf("%s: %s in %s on %s: the kernel has it %v, the object pass %v", name, r.Program.Name, r.Context, r.Kernel.Build, r.Verdict, s.Verdict)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

// TestImagesRun: what kernels up to 7.0 let load, they throw out when it runs,
// with the call that was it; what is right survives.
func TestImagesRun(t *testing.T) {
	images := guestImages(t, "6.19.14", "7.3.4")
	var paths []string
	names := []string{"direct", "reenqueue_tick", "static_helper", "right"}
	for _, n := range names {
		paths = append(paths, "../object/testdata/"+n+".bpf.o")
	}
	objects := readObjects(t, paths...)
	want := map[string]string{
		"direct 6.19":         "kfunc-context fifo.h:47 fifo_enqueue scx_bpf_dsq_move_to_local: kfunc with mask 0x2 called from an operation only allowing 0x4",
		"reenqueue_tick 6.19": "kfunc-context fifo.h:63 fifo_tick scx_bpf_reenqueue_local: kfunc with mask 0x1 called from an operation only allowing 0x10",
		"static_helper 6.19":  "kfunc-context static_helper.bpf.c:3 fifo_enqueue scx_bpf_dsq_move_to_local: kfunc with mask 0x2 called from an operation only allowing 0x4",
		"direct 7.3":          "not attached: a program of it did not load",
		"reenqueue_tick 7.3":  "not attached: a program of it did not load",
		"static_helper 7.3":   "not attached: a program of it did not load",
		"right 6.19":          "survived",
		"right 7.3":           "survived",
	}
	for i, js := range newTestChecker(t).Judge(t.Context(), objects, images, Options{Run: 2}) {
		for _, j := range js {
			k := names[i] + " " + facts(j.Kernel).Release
			if got := ranHow(objects[i].Object, j); got != want[k] {
				t.Errorf("%s: %q, want %q\n%s", k, got, want[k], j.Console)
			}
		}
	}
}

// ranHow says in a line what became of an attached scheduler.
func ranHow(o *object.Object, j Judgement) string {
	switch {
	case j.Run == nil:
		return j.NotJudged
	case j.Run.Attach:
		return j.Run.Outcome
	case j.Run.Survived:
		return "survived"
	}
	for _, f := range Results(o, []Judgement{j}).Findings {
		if f.Outcome == verifier.OutcomeRuntime {
			line, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
			return fmt.Sprintf("%s %s:%d %s %s", f.Rule, filepath.Base(f.At.File.Path), line+1, f.Program, f.Message)
		}
	}
	return j.Run.Outcome
}

// TestImagesWarm: the second question to a guest takes no boot, and the
// third, of the same, no guest.
func TestImagesWarm(t *testing.T) {
	images := guestImages(t, "7.3.4")
	objects := readObjects(t, "../object/testdata/right.bpf.o", "../object/testdata/direct.bpf.o")
	c := newTestChecker(t)
	c.Cache = Cache{t.TempDir()}
	first := c.Judge(t.Context(), objects, images, Options{})
	if a, b := first[0][0].Times, first[1][0].Times; a.Boot == 0 || b.Boot != 0 || b.Cache {
		t.Errorf("boots: %+v, then %+v", a, b)
	}
	again := c.Judge(t.Context(), objects, images, Options{})
	for i := range again {
		if !again[i][0].Times.Cache {
			t.Error("asked again")
		}
		if d := cmp.Diff(first[i][0].Verdicts, again[i][0].Verdicts); d != "" {
			t.Error(d)
		}
	}
	// An object that takes too long is not judged, in time, and the next one is.
	c.Cache = Cache{}
	if j := c.Judge(t.Context(), objects[:1], images, Options{Limit: time.Nanosecond})[0][0]; j.NotJudged != "no answer within the time limit" {
		t.Errorf("a limit that is over: %q", j.NotJudged)
	}
	if j := c.Judge(t.Context(), objects[:1], images, Options{})[0][0]; j.NotJudged != "" || j.Times.Boot == 0 {
		t.Errorf("after that: %q, %+v", j.NotJudged, j.Times)
	}
}

// TestImagesKernelTree: Linux 7.3 loads the schedulers of its own tree. The
// exception is clang 19's: in scx_qmap it leaves the cast of an arena pointer
// out, which the kernel then refuses to follow.
func TestImagesKernelTree(t *testing.T) {
	images := guestImages(t, "7.3.4")
	tree := os.Getenv("SCX_LSP_SOURCES")
	clang, err := exec.LookPath("clang-19")
	if tree == "" || err != nil {
		t.Skip("SCX_LSP_SOURCES names no directory made by scripts/kernel-sources, or clang-19 is not installed")
	}
	dir := filepath.Join(tree, "linux-7.3", "tools", "sched_ext")
	files, err := filepath.Glob(filepath.Join(dir, "*.bpf.c"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d schedulers in %s, %v", len(files), dir, err)
	}
	var paths []string
	for _, f := range files {
		obj := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(f), ".c")+".o")
		out, err := exec.Command(clang, "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86",
			"-fms-extensions", "-Wno-everything", "-I", filepath.Join(dir, "include"), "-I", filepath.Join(dir, "include", "bpf-compat"),
			"-I", filepath.Join(tree, "vmlinux"), "-I", filepath.Join(tree, "libbpf"), "-c", f, "-o", obj).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", f, err, out)
		}
		paths = append(paths, obj)
	}
	objects := readObjects(t, paths...)
	for i, js := range newTestChecker(t).Judge(t.Context(), objects, images, Options{}) {
		name := filepath.Base(objects[i].Name)
		if js[0].NotJudged != "" || len(js[0].Refusals) > 0 {
			t.Errorf("%s: %s %v", name, js[0].NotJudged, js[0].Refusals)
		}
		for _, v := range js[0].Verdicts {
			if v.NotJudged != "" && !strings.HasPrefix(v.NotJudged, "SEC(") || v.Refused && !castLeftOut(name, v) {
				t.Errorf("%s: %s: %s %s", name, v.Program, v.NotJudged, v.Message)
			}
		}
	}
}

func castLeftOut(object string, v Verdict) bool {
	return object == "scx_qmap.bpf.o" && strings.HasSuffix(v.Message, "invalid mem access 'scalar'")
}

// TestImagesProbe: the facts of sched_ext's kfuncs that are read from an image
// are what its kernel does, cell for cell.
func TestImagesProbe(t *testing.T) {
	for _, image := range guestImages(t, "7.1.13") {
		f, err := extract.File(image)
		if err != nil {
			t.Fatal(err)
		}
		k, err := btfdb.New(f)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range k.Kfuncs() {
			if strings.Contains(x.Name, "scx_") {
				names = append(names, x.Name)
			}
		}
		p, err := newTestChecker(t).Probe(t.Context(), image, k, names, Options{Limit: 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Wrong) > 0 || p.Cells-p.Silent < 2000 {
			t.Errorf("%s: %d cells, %d silent, %d wrong\n%s", p.Kernel, p.Cells, p.Silent, len(p.Wrong), strings.Join(p.Wrong[:min(len(p.Wrong), 20)], "\n"))
		}
	}
}
