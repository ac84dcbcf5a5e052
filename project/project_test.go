package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/verifier"
)

func TestProject(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	for _, name := range []string{"a.bpf.c", "b.bpf.c", "lib/c.bpf.c"} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := `include = ["inc"]
defines = ["A=1", "B"]
[[object]]
sources = ["a.bpf.c", "lib/*.bpf.c"]
[rules]
toy = "hint"
[[path]]
glob = "lib/**"
rules = { toy = "off" }
`
	if err := os.WriteFile(filepath.Join(dir, config.Name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := NewStore(Known([]*verifier.Rule{{ID: "toy"}}, nil)).For(dir + "/lib/c.bpf.c")
	if len(f.Problems) > 0 {
		t.Fatalf("%+v", f.Problems)
	}
	got := Index(f, cindex.Config{IncludeDirs: []string{"/first"}, Defines: map[string]string{"A": "2"}})
	want := cindex.Config{
		IncludeDirs: []string{"/first", dir + "/inc"}, Defines: map[string]string{"A": "2", "B": "1"},
		Objects: [][]string{{dir + "/a.bpf.c", dir + "/lib/c.bpf.c"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p := Policy(f, true)
	if !p.OwnKernels || p.Severity["toy"] != verifier.Hint || p.Paths[0].Severity["toy"] != verifier.Off ||
		!p.Paths[0].Match(dir+"/lib/c.bpf.c") || p.Paths[0].Match(dir+"/a.bpf.c") {
		t.Errorf("%+v", p)
	}
}
