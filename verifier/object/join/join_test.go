package join

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

const testdata = "../testdata/"

// build judges an object, and the sources in dir that it may be from.
func build(t *testing.T, dir, name, kernels string) (*cindex.Unit, []verifier.Finding, *Built) {
	t.Helper()
	ks, err := btfdb.Select(kernels)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(testdata + name + ".bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	o, err := object.Open(name+".bpf.o", bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := o.Check(context.Background(), ks, object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := cindex.New(cindex.OSFS{}, cindex.Config{}).Unit(context.Background(), filepath.ToSlash(filepath.Join(dir, name+".bpf.c")))
	if err != nil {
		t.Fatal(err)
	}
	return u, verifier.NewChecker(ks, rules.All).Check(context.Background(), u), New(res)
}

// edited copies a source and its headers, and replaces text in one of them.
func edited(t *testing.T, file, old, text string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"fifo.h", "tiny.h", "timer.h", file} {
		raw, err := os.ReadFile(testdata + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file && !bytes.Contains(raw, []byte(old)) {
			t.Fatalf("%s has no %q", file, old)
		}
		if name == file {
			raw = bytes.Replace(raw, []byte(old), []byte(text), 1)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func describe(list []verifier.Finding) []string {
	var out []string
	for _, f := range list {
		line, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
		out = append(out, fmt.Sprintf("%s:%d %s %s", filepath.Base(f.At.File.Path), line+1, f.Rule, f.At.File.Content[f.At.Span.Start:f.At.Span.End]))
	}
	return out
}

// TestFindings: an object adds what only it shows, at the lines of the source.
func TestFindings(t *testing.T) {
	for name, want := range map[string][]string{
		"direct":       nil, // the source pass says the same
		"right":        nil,
		"rodata_on":    nil,
		"missing_weak": nil,
		"deep_stack":   {"fifo.h:45 object-stack fifo_enqueue"},
		"cast":         nil, // all its code is from the header: which source included it is not known
	} {
		u, found, b := build(t, testdata, name, "6.16..7.3")
		if diff := cmp.Diff(want, describe(b.Findings(u, found))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWithoutSource: when the source pass finds nothing, what the object shows
// is there, with the whole way to it in files of the unit.
func TestWithoutSource(t *testing.T) {
	u, _, b := build(t, testdata, "inlined", "7.3")
	got := b.Findings(u, nil)
	want := []string{"inlined.bpf.c:4 kfunc-context scx_bpf_dsq_move_to_local"}
	if diff := cmp.Diff(want, describe(got)); diff != "" {
		t.Fatal(diff)
	}
	for _, s := range got[0].Chain {
		found := false
		for _, f := range u.Files {
			found = found || f == s.At.File
		}
		if !found {
			t.Errorf("%s calls %s in %s, which is no file of the unit", s.Function, s.Callee, s.At.File.Path)
		}
	}
	if len(got[0].Chain) != 3 {
		t.Errorf("%d steps", len(got[0].Chain))
	}
}

// TestStale: an object says nothing of another version of its sources, nor of
// sources that it has no code of.
func TestStale(t *testing.T) {
	dir := edited(t, "inlined.bpf.c", "{ ", "{  ")
	if u, _, b := build(t, dir, "inlined", "7.3"); len(b.Findings(u, nil)) > 0 {
		t.Errorf("stale: %q", describe(b.Findings(u, nil)))
	}
	same := edited(t, "inlined.bpf.c", "{ ", "{ ")
	if u, _, b := build(t, same, "inlined", "7.3"); len(b.Findings(u, nil)) != 1 {
		t.Error("nothing of a copy in another folder")
	}
	moved := edited(t, "inlined.bpf.c", "#include", "\n#include")
	if u, _, b := build(t, moved, "inlined", "7.3"); len(b.Findings(u, nil)) > 0 {
		t.Error("lines that moved")
	}
	_, _, b := build(t, testdata, "inlined", "7.3")
	if u, _, _ := build(t, testdata, "static_helper", "7.3"); len(b.Findings(u, nil)) > 0 {
		t.Error("an object speaks of a source that it is not from")
	}
	if u, _, b := build(t, testdata, "static_helper", "7.3"); b.Fresh(u.Main, u.Files) {
		raw, err := os.ReadFile(testdata + "stripped.bpf.o")
		if err != nil {
			t.Fatal(err)
		}
		o, err := object.Open("stripped.bpf.o", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if New(&object.Result{Object: o}).Fresh(u.Main, u.Files) {
			t.Error("an object without lines is from anything")
		}
	} else {
		t.Error("static_helper.bpf.o is not from static_helper.bpf.c")
	}
}

func TestCompare(t *testing.T) {
	for _, tc := range []struct {
		name, dir string
		want      []string
	}{
		{"direct", testdata, nil},
		{"new_member", testdata, nil},
		{"null_used", testdata, nil},
		{"proto", testdata, []string{"object kfunc-unavailable fifo.h:47: the source pass knows of no path to it, or it is about a prototype or a field, which that pass does not judge"}},
		{"cast", testdata, []string{"object object-encoding fifo.h:63: only an object shows it"}},
		{"inlined", edited(t, "inlined.bpf.c", "scx_bpf_dsq_move_to_local(", "scx_bpf_dsq_nr_queued("), []string{
			"object kfunc-context inlined.bpf.c:4: the object was built from another version of this file",
		}},
		{"right", edited(t, "right.bpf.c", "#include \"fifo.h\"", "#define AT_ENQUEUE scx_bpf_dsq_move_to_local(QUEUE)\n#include \"fifo.h\""), []string{
			"source kfunc-context fifo.h:47: the object has no code of this line: the compiler removed or moved it",
		}},
	} {
		u, found, b := build(t, tc.dir, tc.name, "7.3")
		var got []string
		for _, d := range Compare([]*cindex.Unit{u}, found, []*Built{b}) {
			pass := "source"
			if d.Object {
				pass = "object"
			}
			line, _ := d.Finding.At.File.Lines.OffsetLineCol(d.Finding.At.Span.Start)
			got = append(got, fmt.Sprintf("%s %s %s:%d: %s", pass, d.Finding.Rule, filepath.Base(d.Finding.At.File.Path), line+1, d.Why))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

// TestFind: objects where builds put them, the newest first, none older than
// the source.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	source := filepath.ToSlash(filepath.Join(dir, "repo/crate/src/bpf/main.bpf.c"))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, minutes := range map[string]int{
		"repo/.git/HEAD":                        0,
		"repo/crate/src/bpf/main.bpf.c":         10,
		"repo/crate/src/bpf/main.bpf.o":         11,
		"repo/crate/src/bpf/old.bpf.o":          9,
		"repo/crate/src/bpf/main.o":             20,
		"repo/build/scheds/main.bpf.o":          13,
		"repo/target/r/build/c-1/out/bpf.bpf.o": 12,
		"repo/out/own.bpf.o":                    14,
		"build/beyond.bpf.o":                    15,
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := base.Add(time.Duration(minutes) * time.Minute)
		if err := os.Chtimes(p, at, at); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, p := range Find(source, []string{filepath.ToSlash(dir) + "/repo/out/*.bpf.o"}) {
		got = append(got, strings.TrimPrefix(p, filepath.ToSlash(dir)+"/repo/"))
	}
	want := []string{"out/own.bpf.o", "build/scheds/main.bpf.o", "target/r/build/c-1/out/bpf.bpf.o", "crate/src/bpf/main.bpf.o"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
