package lsp_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/config"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// A project is a folder that a server with no kernels of its own has for root.
type projectDir struct {
	*lsptest.Client
	t   *testing.T
	dir string
}

func startProject(t *testing.T, files map[string]string) *projectDir {
	t.Helper()
	p := &projectDir{t: t, dir: filepath.ToSlash(t.TempDir())}
	for name, text := range files {
		p.write(name, text)
	}
	a, err := lsp.NewAnalyzer("", rules.All)
	if err != nil {
		t.Fatal(err)
	}
	p.Client, _ = start(t, a)
	p.Extra = map[string]any{"rootUri": p.uri("")}
	p.Initialize(nil)
	return p
}

func (p *projectDir) uri(name string) string {
	return strings.TrimSuffix("file://"+p.dir+"/"+name, "/")
}

func (p *projectDir) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// rewrite changes a file on disk and says so.
func (p *projectDir) rewrite(name, text string) {
	p.t.Helper()
	p.write(name, text)
	p.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": p.uri(name), "type": 2}}})
}

// wantProblem waits until a file has just one problem, which begins at a text
// and says something.
func (p *projectDir) wantProblem(name, text, message string) {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	p.Published(p.uri(name), func(pub lsptest.Published) bool {
		if message == "" || len(pub.Diagnostics) != 1 {
			return message == "" && len(pub.Diagnostics) == 0
		}
		d := pub.Diagnostics[0]
		at := lsptest.OffsetAt(string(content), d.Range.Start, p.Encoding)
		return strings.HasPrefix(string(content[at:]), text) && strings.Contains(d.Message, message)
	})
}

// TestConfiguration: what a project says counts, its mistakes are shown where
// they are, and all of it follows the file.
func TestConfiguration(t *testing.T) {
	p := startProject(t, map[string]string{
		".scx-lsp.toml": "kernels = \"7.3\"\n[rules]\n# ü\nkfunc-contex = \"off\"\n",
		"a.bpf.c":       commandScheduler,
		"b/b.bpf.c":     commandScheduler,
	})
	a, b := p.uri("a.bpf.c"), p.uri("b/b.bpf.c")
	p.Open(a, commandScheduler)
	p.Open(b, commandScheduler)
	p.wantProblem(".scx-lsp.toml", "kfunc-contex", `did you mean "kfunc-context"?`)
	severity := func(uri string, want int) {
		t.Helper()
		p.Published(uri, func(pub lsptest.Published) bool {
			return want == 0 && len(pub.Diagnostics) == 0 || len(pub.Diagnostics) == 1 && pub.Diagnostics[0].Severity == want
		})
	}
	severity(a, 1)
	p.rewrite(".scx-lsp.toml", "kernels = \"7.3\"\n[rules]\nkfunc-context = \"hint\"\n[[path]]\nglob = \"b/*\"\nrules = {kfunc-context = \"off\"}\n")
	severity(a, 4)
	severity(b, 0)
	p.wantProblem(".scx-lsp.toml", "", "")
	// One that breaks counts as it was.
	p.rewrite(".scx-lsp.toml", "kernels = \n")
	p.wantProblem(".scx-lsp.toml", "", "toml")
	severity(a, 4)
	// A nearer one counts for what is below it.
	p.rewrite("b/.scx-lsp.toml", "kernels = \"7.3\"\n[rules]\nkfunc-context = \"warning\"\n")
	severity(b, 2)
	var st struct{ Configuration []string }
	execute(t, p.Client, &st, "scx-lsp.status")
	if len(st.Configuration) != 2 {
		t.Errorf("%q", st.Configuration)
	}
}

// TestConfiguredKernels: the project goes before the default, the client before
// the project.
func TestConfiguredKernels(t *testing.T) {
	p := startProject(t, map[string]string{".scx-lsp.toml": "kernels = \"6.17,6.18\"\n"})
	releases := func(want string) {
		t.Helper()
		var list struct{ Releases []string }
		execute(t, p.Client, &list, "scx-lsp.kernels")
		if got := strings.Join(list.Releases, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	releases("6.17 6.18")
	p.rewrite(".scx-lsp.toml", "kernels = \"7.1\"\n")
	releases("7.1")
	execute(t, p.Client, nil, "scx-lsp.selectKernels", "7.3")
	releases("7.3")
	execute(t, p.Client, nil, "scx-lsp.selectKernels", "")
	releases("7.1")
}

// TestConfiguredFeatures: what the project switches off is not offered.
func TestConfiguredFeatures(t *testing.T) {
	p := startProject(t, map[string]string{".scx-lsp.toml": "[features]\nhover = false\n", "a.bpf.c": commandScheduler})
	p.Open(p.uri("a.bpf.c"), commandScheduler)
	at := strings.Index(commandScheduler, "scx_bpf_kick_cpu(0")
	var answer any
	if err := p.Call("textDocument/hover", p.At(p.uri("a.bpf.c"), at), &answer); err == nil && answer != nil {
		t.Errorf("%v", answer)
	}
}

// TestSchema: the published schema is that of the reader.
func TestSchema(t *testing.T) {
	want, err := lsp.ConfigSchema(rules.All)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("..", "docs", "scx-lsp.schema.json")
	if *update {
		if err := os.WriteFile(name, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the reader takes (%v); go test ./lsp -run TestSchema -update writes it", name, err)
	}
	for _, key := range []string{"kfunc-context", "codeLens", "additionalProperties", "refused"} {
		if !bytes.Contains(want, []byte(`"`+key+`"`)) {
			t.Errorf("the schema of %s has no %q", config.Name, key)
		}
	}
}
