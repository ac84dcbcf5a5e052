package lsp_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// TestBuild: verifying builds first, in trusted workspaces only, and says what
// went wrong.
func TestBuild(t *testing.T) {
	dir := t.TempDir()
	object := filepath.Join(dir, "x.bpf.o")
	verify := func(_ context.Context, path string, _ []*btfdb.Kernel, _ map[string]string) (json.RawMessage, error) {
		raw, err := os.ReadFile(path)
		return json.RawMessage(`"` + strings.TrimSpace(string(raw)) + `"`), err
	}
	for _, tc := range []struct {
		name, script string
		trusted      bool
		want, err    string
	}{
		{"trusted", "echo built > x.bpf.o", true, "built", ""},
		{"untrusted", "echo built > x.bpf.o", false, "old", ""},
		{"fails", "echo no such header; exit 3", true, "", "no such header"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			toml := "[build]\ncommand = [\"sh\", \"-c\", \"" + tc.script + "\"]\n"
			for name, text := range map[string]string{".scx-lsp.toml": toml, "x.bpf.o": "old"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a, err := lsp.NewAnalyzer("7.3", rules.All)
			if err != nil {
				t.Fatal(err)
			}
			c := startWith(t, lsp.Options{Analyzer: a, Verify: lsp.Verifiers{Object: verify}})
			c.Initialize(map[string]any{"trusted": tc.trusted})
			var got string
			err = c.Call("workspace/executeCommand", map[string]any{
				"command": "scx-lsp.verifyObject", "arguments": []any{map[string]any{"uri": "file://" + filepath.ToSlash(object)}},
			}, &got)
			if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// startWith runs a server with options of its own.
func startWith(t *testing.T, o lsp.Options) *lsptest.Client {
	t.Helper()
	near, far := net.Pipe()
	server := lsp.NewServer(o)
	go func() {
		_ = server.Serve(context.WithoutCancel(t.Context()), far)
		_ = far.Close()
	}()
	c := lsptest.NewClient(t, near)
	t.Cleanup(c.Close)
	return c
}
