package object

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// at spells a location and what stands there; "?" is a line that the object
// does not bring along.
func at(l cindex.Loc) string {
	line, col := l.File.Lines.OffsetLineCol(l.Span.Start)
	text := strings.ReplaceAll(string(l.File.Content[l.Span.Start:l.Span.End]), "\x00", "?")
	return fmt.Sprintf("%s:%d:%d %s", l.File.Path, line+1, col+1, text)
}

// chainText spells a finding: where it is, and the way there.
func chainText(f verifier.Finding) []string {
	out := []string{at(f.At)}
	for _, s := range f.Chain {
		out = append(out, fmt.Sprintf("%s -> %s %s", s.Function, s.Callee, at(s.At)))
	}
	return out
}

// TestChains shows the way that the author wrote: through functions that are
// inlined, in other units, and called later.
func TestChains(t *testing.T) {
	for name, want := range map[string][]string{
		"direct": {
			"fifo.h:47:2 AT_ENQUEUE",
			"fifo_enqueue -> scx_bpf_dsq_move_to_local fifo.h:47:2 AT_ENQUEUE",
		},
		"inlined": {
			"inlined.bpf.c:4:52 scx_bpf_dsq_move_to_local",
			"fifo_enqueue -> drain_all fifo.h:47:2 ?",
			"drain_all -> drain_one inlined.bpf.c:7:2 ?",
			"drain_one -> scx_bpf_dsq_move_to_local inlined.bpf.c:4:52 scx_bpf_dsq_move_to_local",
		},
		"linked": {
			"linked_lib.bpf.c:5:9 scx_bpf_dsq_move_to_local",
			"fifo_enqueue -> own fifo.h:47:2 AT_ENQUEUE",
			"own -> lib_drain linked_main.bpf.c:4:47 lib_drain",
			"lib_drain -> lib_move linked_lib.bpf.c:11:9 lib_move",
			"lib_move -> scx_bpf_dsq_move_to_local linked_lib.bpf.c:5:9 scx_bpf_dsq_move_to_local",
		},
		"timer_enqueue": {
			"timer_enqueue.bpf.c:4:53 scx_bpf_dsq_move_to_local",
			"fifo_enqueue -> arm fifo.h:47:2 ?",
			"arm -> fire timer.h:19:2 bpf_timer_set_callback",
			"fire -> scx_bpf_dsq_move_to_local timer_enqueue.bpf.c:4:53 scx_bpf_dsq_move_to_local",
		},
		"bigendian": {
			"static_helper.bpf.c:3:49 scx_bpf_dsq_move_to_local",
			"fifo_enqueue -> drain fifo.h:47:2 AT_ENQUEUE",
			"drain -> scx_bpf_dsq_move_to_local static_helper.bpf.c:3:49 scx_bpf_dsq_move_to_local",
		},
		"unreferenced": {"unreferenced.bpf.c:5:5 fifo_stopping"},
	} {
		res := check(t, openCase(t, name), kernels(t, "7.3.4"), Options{})
		if len(res.Findings) != 1 {
			t.Errorf("%s: %d findings", name, len(res.Findings))
			continue
		}
		if d := cmp.Diff(want, chainText(res.Findings[0])); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}

// Without lines the instruction is named.
func TestStripped(t *testing.T) {
	res := check(t, openCase(t, "stripped"), kernels(t, "7.3.4"), Options{})
	if len(res.Findings) != 1 {
		t.Fatalf("%d findings", len(res.Findings))
	}
	f := res.Findings[0]
	if f.At.File.Path != res.Object.Name {
		t.Errorf("shown in %s", f.At.File.Path)
	}
	var notes []string
	for _, n := range f.Notes {
		notes = append(notes, n.Message)
	}
	if want := "instruction 0 of drain; the object has no line information"; !strings.Contains(strings.Join(notes, "\n"), want) {
		t.Errorf("no %q in %q", want, notes)
	}
}

// TestLibrarySite: the call of a wrapper is where the author made it, not in
// the header of scx that the wrapper is in.
func TestLibrarySite(t *testing.T) {
	j := &judge{o: &Object{Name: "x.bpf.o"}}
	p := &problem{kfunc: "scx_bpf_dsq_insert___v2", chain: []frameStep{
		{fn: "my_tick", at: pos{"main.bpf.c", 10, 3}, callee: "scx_bpf_dsq_insert"},
		{fn: "scx_bpf_dsq_insert", at: pos{"inc/scx/compat.bpf.h", 300, 10}, callee: "scx_bpf_dsq_insert___v2"},
	}}
	site, chain, name := j.siteOf(p)
	if site != (pos{"main.bpf.c", 10, 3}) || len(chain) != 1 || name != "scx_bpf_dsq_insert" {
		t.Errorf("%+v, %d steps, %s", site, len(chain), name)
	}
}

func TestTables(t *testing.T) {
	o := openCase(t, "flavour")
	if len(o.Tables) != 1 {
		t.Fatalf("%d tables", len(o.Tables))
	}
	tb := o.Tables[0]
	if tb.Type != "sched_ext_ops" || tb.Spelled != "sched_ext_ops___mine" || tb.Section != ".struct_ops.link" {
		t.Errorf("%+v", tb)
	}
	got := map[string]string{}
	for _, m := range tb.Members {
		if m.Program != nil {
			got[m.Name] = m.Program.Name
		}
	}
	want := map[string]string{
		"select_cpu": "fifo_select", "enqueue": "fifo_enqueue", "dispatch": "fifo_dispatch",
		"tick": "fifo_tick", "running": "fifo_running", "init": "fifo_init",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("members: -want +got\n%s", d)
	}
}
