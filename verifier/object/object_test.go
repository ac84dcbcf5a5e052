package object

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier"
)

const measuredKernels = "6.16.12,6.17.13,6.18.15,6.19.14,7.0.13,7.1.13,7.2.12,7.3.4"

func kernels(tb testing.TB, spec string) []*btfdb.Kernel {
	tb.Helper()
	ks, err := btfdb.Select(spec)
	if err != nil {
		tb.Fatal(err)
	}
	return ks
}

func openFile(tb testing.TB, file string) *Object {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	o, err := Open(file, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func openCase(tb testing.TB, name string) *Object {
	tb.Helper()
	return openFile(tb, filepath.Join("testdata", name+".bpf.o"))
}

func check(tb testing.TB, o *Object, ks []*btfdb.Kernel, opt Options) *Result {
	tb.Helper()
	res, err := o.Check(context.Background(), ks, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

// The kernels behind the words of verdicts.txt.
var kernelWords = map[string]func(release string) bool{
	"all":    func(string) bool { return true },
	"old":    func(r string) bool { return btfdb.CompareReleases(r, "7.1") < 0 },
	"new":    func(r string) bool { return btfdb.CompareReleases(r, "7.1") >= 0 },
	"71-72":  func(r string) bool { return r == "7.1" || r == "7.2" },
	"6.18..": func(r string) bool { return btfdb.CompareReleases(r, "6.18") >= 0 },
	"<6.18":  func(r string) bool { return btfdb.CompareReleases(r, "6.18") < 0 },
	"7.3":    func(r string) bool { return r == "7.3" },
}

// A cell is one program on one kernel.
type cell struct{ object, program, release string }

// readVerdicts reads verdicts.txt: verdict and rules by cell.
func readVerdicts(t *testing.T, ks []*btfdb.Kernel, programs map[string][]string) map[cell][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[cell][]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" || f[0][0] == '#' {
			continue
		}
		if len(f) != 5 || kernelWords[f[2]] == nil || programs[f[0]] == nil {
			t.Fatalf("verdicts.txt: bad line %q", line)
		}
		names := []string{f[1]}
		if f[1] == "*" {
			names = programs[f[0]]
		}
		for _, k := range ks {
			for _, p := range names {
				if kernelWords[f[2]](k.Release) {
					c := cell{f[0], p, k.Release}
					out[c] = append(out[c], f[3]+" "+f[4])
				}
			}
		}
	}
	return out
}

// TestVerdicts compares every program of every object on every kernel with
// what that kernel said.
func TestVerdicts(t *testing.T) {
	ks := kernels(t, measuredKernels)
	files, err := filepath.Glob("testdata/*.bpf.o")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d objects, %v", len(files), err)
	}
	programs := map[string][]string{}
	got := map[cell][]string{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".bpf.o")
		o := openFile(t, file)
		for _, p := range o.Programs {
			programs[name] = append(programs[name], p.Name)
		}
		res := check(t, o, ks, Options{})
		for _, r := range res.Rows {
			c := cell{name, r.Program.Name, r.Kernel.Release}
			got[c] = append(got[c], describeRow(res, r)...)
		}
	}
	want := readVerdicts(t, ks, programs)
	for _, m := range []map[cell][]string{got, want} {
		for c := range m {
			if len(m[c]) == 0 {
				delete(m, c)
				continue
			}
			slices.Sort(m[c])
			m[c] = slices.Compact(m[c])
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-kernels +we:\n%s", d)
	}
}

// describeRow gives what verdicts.txt says of a row, one word pair for each
// rule.
func describeRow(res *Result, r Row) []string {
	var out []string
	for _, x := range r.Refusals {
		verdict, words := r.Verdict, map[Verdict]string{Refused: "refused", Maybe: "maybe"}
		if x.Outcome == verifier.OutcomeRuntime {
			verdict, words = r.Aborts, map[Verdict]string{Refused: "aborted", Maybe: "maybe-aborted"}
		}
		out = append(out, words[verdict]+" "+res.Findings[x.Finding].Rule)
	}
	if len(out) == 0 && (r.Verdict != Accepted || r.Aborts != Accepted) {
		out = append(out, fmt.Sprintf("%s without a finding: %s", r.Verdict, r.Reason))
	}
	return out
}

// Findings that mix load and run time on one finding say so by the newest
// kernel; a row must still tell its own.
func TestRowOfMixedFinding(t *testing.T) {
	res := check(t, openCase(t, "direct"), kernels(t, "7.0.13,7.3.4"), Options{})
	if len(res.Findings) != 1 {
		t.Fatalf("%d findings, want one for both kernels", len(res.Findings))
	}
	for _, r := range res.Rows {
		if r.Program.Name != "fifo_enqueue" {
			continue
		}
		want := [2]Verdict{Accepted, Refused}
		if r.Kernel.Release == "7.3" {
			want = [2]Verdict{Refused, Accepted}
		}
		if got := [2]Verdict{r.Verdict, r.Aborts}; got != want {
			t.Errorf("%s: %v, want %v", r.Kernel.Release, got, want)
		}
	}
}

func TestRodata(t *testing.T) {
	ks := kernels(t, "7.3.4")
	verdict := func(name, set, value string) Verdict {
		opt := Options{}
		if set != "" {
			opt.Rodata = map[string]string{set: value}
		}
		v := Accepted
		for _, r := range check(t, openCase(t, name), ks, opt).Rows {
			v = max(v, r.Verdict)
		}
		return v
	}
	for _, tc := range []struct {
		name, set, value string
		want             Verdict
	}{
		{"rodata_off", "", "", Maybe},
		{"rodata_off", "eager", "true", Refused},
		{"rodata_off", "eager", "0", Accepted},
		{"rodata_on", "eager", "false", Accepted},
		{"ret_const", "mode", "3", Refused},
		{"ret_const", "mode", "0x4", Accepted},
	} {
		if got := verdict(tc.name, tc.set, tc.value); got != tc.want {
			t.Errorf("%s with %s=%s: %s, want %s", tc.name, tc.set, tc.value, got, tc.want)
		}
	}
	for _, bad := range []map[string]string{{"nobody": "1"}, {"eager": "perhaps"}} {
		if _, err := openCase(t, "rodata_on").Check(context.Background(), ks, Options{Rodata: bad}); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

// TestNotes names what a possible finding hangs on.
func TestNotes(t *testing.T) {
	ks := kernels(t, "7.3.4")
	for name, want := range map[string]string{
		"rodata_off": "sets eager",
		"rodata_arg": "sets config",
		"ret_const":  "sets mode",
		"config":     "CONFIG_HZ_1000",
		"optional":   `SEC("?kprobe/schedule")`,
		"proto":      "the kernel has s32 scx_bpf_dsq_nr_queued(u64 dsq_id)",
	} {
		res := check(t, openCase(t, name), ks, Options{})
		var notes []string
		for _, f := range res.Findings {
			for _, n := range f.Notes {
				notes = append(notes, n.Message)
			}
		}
		if !strings.Contains(strings.Join(notes, "\n"), want) {
			t.Errorf("%s: no %q in %q", name, want, notes)
		}
	}
}
