package rules

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

var (
	failsComment = regexp.MustCompile(`// fails (.*)`)
	failsItem    = regexp.MustCompile(`^([a-z-]+) (\S+)$`)
)

// TestCases gives whole schedulers to all rules, for every release alone. Each
// archive in testdata/cases holds schedulers of one kind. A comment says where
// a scheduler fails, by which rule, and on which releases:
//
//	scx_bpf_dispatch_nr_slots(); // fails kfunc-context 6.12..7.3
//
// Errors anywhere else, on any release, are false alarms.
func TestCases(t *testing.T) {
	archives, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives (%v)", err)
	}
	kernels, err := btfdb.Select("6.12..7.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/"+f.Name, func(t *testing.T) {
				runCase(t, f, kernels)
			})
		}
	}
}

func runCase(t *testing.T, f txtar.File, kernels []*btfdb.Kernel) {
	t.Helper()
	fails := failures(t, f.Name, string(f.Data))
	u := caseUnit(t, f.Name, f.Data)
	for _, k := range kernels {
		var got []string
		for _, found := range verifier.Check(context.Background(), u, []*btfdb.Kernel{k}, All) {
			if found.Severity == verifier.Error {
				got = append(got, place(found))
			}
		}
		slices.Sort(got)
		got = slices.Compact(got)
		if want := fails[k.Release]; !slices.Equal(got, want) {
			t.Errorf("Linux %s: errors %q, want %q", k.Release, got, want)
		}
	}
}

// place is what a comment can say of a finding: its line and its rule.
func place(f verifier.Finding) string {
	n, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	return fmt.Sprintf("%s:%d %s", filepath.Base(f.At.File.Path), n+1, f.Rule)
}

// caseUnit reads a scheduler as if it stood beside the header of all cases.
func caseUnit(t *testing.T, name string, data []byte) *cindex.Unit {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "cases", name+".bpf.c"))
	if err != nil {
		t.Fatal(err)
	}
	index := cindex.New(cindex.OSFS{}, cindex.Config{})
	index.SetContent(path, data)
	u, err := index.Unit(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// failures gives the places where a scheduler says that it fails, by release.
func failures(t *testing.T, name, source string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for i, line := range strings.Split(source, "\n") {
		m := failsComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, item := range strings.Split(m[1], ", ") {
			p := failsItem.FindStringSubmatch(item)
			if p == nil || ByID(p[1]) == nil {
				t.Fatalf("line %d: cannot read %q", i+1, item)
			}
			kernels, err := btfdb.Select(p[2])
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range kernels {
				out[k.Release] = append(out[k.Release], fmt.Sprintf("%s.bpf.c:%d %s", name, i+1, p[1]))
			}
		}
	}
	for _, places := range out {
		slices.Sort(places)
	}
	return out
}
