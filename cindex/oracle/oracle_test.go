package oracle

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// A tree is a set of sources that are compiled alike.
type tree struct {
	name    string
	dir     string // below SCX_LSP_SOURCES
	pattern string
	flags   []string // {} stands for SCX_LSP_SOURCES
	sample  int      // every n-th source, unless SCX_LSP_ORACLE=all
}

var common = []string{
	"-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86", "-fms-extensions",
	"-Wno-everything", "-std=gnu11",
}

// scxTree is a tree of schedulers. Constants that only the older release has
// are given to the compiler.
func scxTree(release, name, sub string) tree {
	tools := "{}/linux-" + release + "/tools"
	return tree{
		name: release + "/" + name, dir: "linux-" + release + "/tools/" + sub, pattern: "*.bpf.c", sample: 1,
		flags: []string{
			"-DSCX_OPS_HAS_CGROUP_WEIGHT=0", "-I" + tools + "/sched_ext/include", "-I" + tools + "/sched_ext/include/bpf-compat",
			"-I" + tools + "/testing/selftests/sched_ext/include", "-I{}/vmlinux", "-I" + tools + "/lib", "-I{}/libbpf/bpf",
			"-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu",
		},
	}
}

// progsTree is the kernel's own tests of BPF: a thousand small programs in all
// styles.
func progsTree(release string, more ...string) tree {
	tools := "{}/linux-" + release + "/tools"
	return tree{
		name: release + "/bpf", dir: "linux-" + release + "/tools/testing/selftests/bpf/progs", pattern: "*.c", sample: 40,
		flags: append(more,
			"-I"+tools+"/testing/selftests/bpf", "-I"+tools+"/testing/selftests/bpf/libarena/include",
			"-I{}/vmlinux", "-I"+tools+"/lib", "-I{}/libbpf/bpf",
			"-I"+tools+"/include/uapi", "-I"+tools+"/include",
			"-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu",
		),
	}
}

var trees = []tree{
	scxTree("7.3", "sched_ext", "sched_ext"),
	scxTree("7.3", "selftests", "testing/selftests/sched_ext"),
	scxTree("6.12", "sched_ext", "sched_ext"),
	scxTree("6.12", "selftests", "testing/selftests/sched_ext"),
	progsTree("7.3"),
	// Sources of 6.12 declare kfuncs that vmlinux.h of 7.3 declares in another way.
	progsTree("6.12", "-DBPF_NO_KFUNC_PROTOTYPES"),
}

// TestGroundTruth compares the (program, kernel function) pairs of the facts
// with those of the compiler: they must hold all pairs of the object, and none
// that the compiler did not see before it removed dead code.
func TestGroundTruth(t *testing.T) {
	root := os.Getenv("SCX_LSP_SOURCES")
	if root == "" {
		t.Skip("SCX_LSP_SOURCES is not set: run scripts/kernel-sources DIR and set it to DIR")
	}
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		if clang, err = exec.LookPath("clang"); err != nil {
			t.Skip("no clang on this machine")
		}
	}
	for _, tr := range trees {
		t.Run(tr.name, func(t *testing.T) { tr.run(t, root, clang) })
	}
}

func (tr *tree) run(t *testing.T, root, clang string) {
	files, _ := filepath.Glob(filepath.Join(root, tr.dir, tr.pattern))
	if len(files) == 0 {
		t.Fatalf("no sources in %s", filepath.Join(root, tr.dir))
	}
	sort.Strings(files)
	var dirs []string
	flags := append([]string(nil), common...)
	for _, f := range tr.flags {
		f = strings.ReplaceAll(f, "{}", root)
		flags = append(flags, f)
		if d, ok := strings.CutPrefix(f, "-I"); ok {
			dirs = append(dirs, d)
		}
	}
	x := cindex.New(cindex.OSFS{}, cindex.Config{IncludeDirs: dirs})
	kernel := kernelNames(t, filepath.Join(root, "vmlinux", "vmlinux.h"))
	step := tr.sample
	if os.Getenv("SCX_LSP_ORACLE") == "all" {
		step = 1
	}
	only := os.Getenv("SCX_LSP_ORACLE_FILE")
	sum := &summary{}
	for i := 0; i < len(files); i += step {
		if only != "" && !strings.Contains(files[i], only) {
			continue
		}
		sum.one(t, clang, flags, x, files[i], kernel)
	}
	t.Logf("%s: %d sources compared, %d not compiled, %d pairs, %d only before optimisation",
		tr.name, sum.compared, len(sum.failed), sum.pairs, sum.dead)
	for _, f := range sum.failed {
		t.Logf("clang refuses %s", f)
	}
	if sum.compared == 0 && only == "" {
		t.Errorf("nothing was compared")
	}
}

type summary struct {
	compared, pairs, dead int
	failed                []string
}

// explained lists differences that are none of cindex's making: source, then
// "program kfunc", then why.
var explained = map[string]map[string]string{}

func (s *summary) one(t *testing.T, clang string, flags []string, x *cindex.Index, src string, kernel map[string]bool) {
	tmp := t.TempDir()
	ll, obj := filepath.Join(tmp, "x.ll"), filepath.Join(tmp, "x.o")
	err := run(clang, append(flags, "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-o", ll, src)...)
	if err == nil {
		err = run(clang, "-target", "bpf", "-mcpu=v3", "-O2", "-Wno-everything", "-c", "-o", obj, ll)
	}
	if err != nil {
		s.failed = append(s.failed, filepath.Base(src)+": "+firstLine(err))
		return
	}
	ir, err := readIR(ll)
	if err != nil {
		t.Error(err)
		return
	}
	bin, err := readObject(obj)
	if err != nil {
		t.Error(err)
		return
	}
	u, err := x.Unit(context.Background(), src)
	if err != nil {
		t.Error(err)
		return
	}
	s.compared++
	got := fromSource(u, kernel)
	for _, diff := range compare(got, ir, bin, s) {
		if why := explained[filepath.Base(src)][diff[2:]]; why != "" {
			t.Logf("%s: %s: %s", filepath.Base(src), diff, why)
			continue
		}
		t.Errorf("%s: %s", filepath.Base(src), diff)
	}
}

// compare lists what is wrong: "- p k" is missing from the facts, "+ p k" was
// never there.
func compare(got, ir, bin *graph, s *summary) []string {
	var out []string
	have := map[string]bool{}
	for _, p := range got.programs {
		have[p] = true
	}
	for _, p := range bin.programs {
		if got.untyped[p] {
			continue // libbpf knows no program type of its section
		}
		if !have[p] {
			out = append(out, "- "+p)
			continue
		}
		in := got.reach(p)
		for k := range bin.reach(p) {
			if !ir.kfuncs[k] {
				continue // a function of another source
			}
			s.pairs++
			if !in[k] {
				out = append(out, "- "+p+" "+k)
			}
		}
	}
	inIR := map[string]bool{}
	for _, p := range ir.programs {
		inIR[p] = true
	}
	for _, p := range got.programs {
		if !inIR[p] {
			out = append(out, "+ "+p)
			continue
		}
		before, after := ir.reach(p), bin.reach(p)
		for k := range got.reach(p) {
			if !before[k] {
				out = append(out, "+ "+p+" "+k)
			} else if !after[k] {
				s.dead++
			}
		}
	}
	sort.Strings(out)
	return out
}

// fromSource turns facts into the same form.
func fromSource(u *cindex.Unit, kernel map[string]bool) *graph {
	g := newGraph()
	ext := map[string]bool{}
	for _, e := range u.Externs {
		if e.Func {
			ext[e.Name] = true
		}
	}
	for _, f := range u.Funcs() {
		g.untyped[f.Name] = f.Section != ""
		if u.Func(f.Name) != f || f.Unsure { // what hangs on the build is no claim
			continue
		}
		for i := range f.Calls {
			c := &f.Calls[i]
			switch {
			case impossible(c) || c.Unsure:
			case u.Func(c.Callee) != nil:
				add(g.edges, f.Name, c.Callee)
			case ext[c.Callee] || u.Vmlinux && kernel[c.Callee]:
				add(g.kcalls, f.Name, c.Callee)
			}
		}
	}
	for _, p := range u.Programs {
		delete(g.untyped, p.Func.Name)
		if !p.Func.Unsure {
			g.programs = append(g.programs, p.Func.Name)
		}
	}
	return g
}

// impossible tells whether a guard is constant and false.
func impossible(c *cindex.Call) bool {
	for _, g := range c.Guards {
		if g.Op == cindex.OpInt && g.Int == 0 {
			return true
		}
	}
	return false
}

// kernelNames gives the kernel functions that vmlinux.h declares.
func kernelNames(t *testing.T, path string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range bytes.Lines(data) {
		if bytes.Contains(line, []byte("__ksym")) {
			head, _, _ := bytes.Cut(line, []byte("("))
			words := bytes.FieldsFunc(head, func(r rune) bool { return r == ' ' || r == '*' })
			if len(words) > 1 {
				out[string(words[len(words)-1])] = true
			}
		}
	}
	return out
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s", stderr.String())
	}
	return nil
}

func firstLine(err error) string {
	for line := range strings.Lines(err.Error()) {
		if strings.Contains(line, "error") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(err.Error())
}
