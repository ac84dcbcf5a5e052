package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

func load(t *testing.T, spec string) *btfdb.Kernel {
	t.Helper()
	k, err := btfdb.Load(spec)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestMatrixCovers: every kfunc is somewhere in every context, in one list of
// allowed, denied, needs_sleepable and unknown, or callable nowhere.
func TestMatrixCovers(t *testing.T) {
	for _, x := range btfdb.Releases() {
		k := load(t, x.Build)
		m := NewMatrix(k)
		for name, row := range m.Contexts {
			n := len(row.Allowed) + len(row.Denied) + len(row.Unknown)
			if row.Sleepable == "no" {
				n += len(row.NeedsSleepable)
			}
			broken := 0
			for _, f := range m.NotCallable {
				if !slices.Contains(row.Denied, f) {
					broken++
				}
			}
			if n+broken != len(k.Kfuncs()) {
				t.Errorf("%s: %s: %d of %d kfuncs", x.Build, name, n+broken, len(k.Kfuncs()))
			}
			if row.Sleepable == "may" && len(row.NeedsSleepable) > 0 && !slices.Contains(row.Allowed, row.NeedsSleepable[0]) {
				t.Errorf("%s: %s: %s is not allowed", x.Build, name, row.NeedsSleepable[0])
			}
		}
	}
}

// TestDiffTellsTheFilter: the step from 7.0 to 7.1 is told from the facts.
func TestDiffTellsTheFilter(t *testing.T) {
	var b bytes.Buffer
	if err := Diff(&b, load(t, "7.0"), load(t, "7.1")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Enforcement moved from run time to load time",
		"scx_bpf_dsq_reenq",
		"scx_bpf_select_cpu_dfl: flags KF_RCU -> KF_RCU | KF_IMPLICIT_ARGS; sets scx_kfunc_ids_idle -> " +
			"scx_kfunc_ids_select_cpu+scx_kfunc_ids_unlocked",
		"scx_bpf_kick_cpu: flags none -> KF_IMPLICIT_ARGS; not callable any more",
		"sched_ext_ops.sub_attach",
		"sched_ext_ops.init: offset 264 -> 280",
		"aborted at run time -> refused at load: ",
		"allowed -> refused at load: scx_bpf_dsq_move_set_slice scx_bpf_dsq_move_set_vtime",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the diff", want)
		}
	}
}

func TestDiffOfOneKernel(t *testing.T) {
	var b bytes.Buffer
	k := load(t, "7.3")
	if err := Diff(&b, k, k); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(b.String()); strings.Contains(got, "\n") {
		t.Errorf("a kernel differs from itself:\n%s", got)
	}
}

// TestFormats: all views in all formats, with nothing unescaped.
func TestFormats(t *testing.T) {
	k := load(t, "6.12")
	for view := range views {
		for format := range formats {
			var b bytes.Buffer
			if err := Write(&b, k, format, view); err != nil || b.Len() == 0 {
				t.Errorf("%s as %s: %d bytes, %v", view, format, b.Len(), err)
			}
			if format == "html" && !strings.HasSuffix(b.String(), "</html>\n") {
				t.Errorf("%s: HTML does not end", view)
			}
		}
	}
	for _, bad := range [][2]string{{"csv", "groups"}, {"text", "colours"}} {
		if err := Write(&bytes.Buffer{}, k, bad[0], bad[1]); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

// TestUnknownIsMarked: a kernel of which only sched_ext is known says so.
func TestUnknownIsMarked(t *testing.T) {
	m := NewMatrix(load(t, "6.13"))
	if len(m.Partial) == 0 || m.Enforcement != "runtime" {
		t.Errorf("partial %q, enforcement %s", m.Partial, m.Enforcement)
	}
	row := m.Contexts["sched_ext_ops.running"]
	if !slices.Contains(row.Aborted, "scx_bpf_dsq_insert") || !slices.Contains(row.Denied, "scx_bpf_dsq_insert") {
		t.Errorf("running × scx_bpf_dsq_insert: aborted %q, denied %q", row.Aborted, row.Denied)
	}
}
