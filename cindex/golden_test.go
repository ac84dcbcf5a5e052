package cindex

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the facts that are found into testdata")

// TestGolden reads the sources of each archive in testdata and compares the
// facts of every *.bpf.c with its "want" file. Headers that are not in the
// archive are missing, so that the archives stand for themselves.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 10 {
		t.Fatalf("only %d archives", len(files))
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) { golden(t, name) })
	}
}

func archive(t *testing.T, name string) *txtar.Archive {
	t.Helper()
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return ar
}

func golden(t *testing.T, name string) {
	ar := archive(t, name)
	fsys := MapFS{}
	for _, f := range ar.Files {
		if !strings.HasPrefix(f.Name, "want") {
			fsys["/w/"+f.Name] = string(f.Data)
		}
	}
	x := New(fsys, Config{})
	for _, f := range ar.Files {
		if !strings.HasSuffix(f.Name, ".bpf.c") || strings.HasPrefix(f.Name, "want ") {
			continue
		}
		u, err := x.Unit(context.Background(), "/w/"+f.Name)
		if err != nil {
			t.Fatal(err)
		}
		checkFacts(t, ar, f.Name, dump(u, strings.Contains(string(ar.Comment), "headers too")))
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// checkFacts holds facts against the archive's, or puts them there.
func checkFacts(t *testing.T, ar *txtar.Archive, name, got string) {
	for i := range ar.Files {
		w := &ar.Files[i]
		if w.Name != "want "+name {
			continue
		}
		if *update {
			w.Data = []byte(got)
		} else if diff := cmp.Diff(string(w.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		return
	}
	if !*update {
		t.Errorf("no facts for %s", name)
		return
	}
	ar.Files = append(ar.Files, txtar.File{Name: "want " + name, Data: []byte(got)})
}
