package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scx-lsp": main})
}

// TestScripts runs the command as a user would: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS(filepath.Join("..", "..", "examples")))
		},
	})
}

// TestReadme: the transcript in the README is what the command prints.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const command = "$ go run ./cmd/scx-lsp check examples\n"
	_, transcript, ok := strings.Cut(string(readme), command)
	if !ok {
		t.Fatalf("README.md does not run %q", command)
	}
	transcript, _, _ = strings.Cut(transcript, "```")
	t.Chdir(filepath.Join("..", ".."))
	var out, errs bytes.Buffer
	if code := run([]string{"check", "examples"}, nil, &out, &errs); code != exitFindings || errs.Len() > 0 {
		t.Errorf("exit code %d, stderr %q", code, errs.String())
	}
	if diff := cmp.Diff(transcript, out.String()); diff != "" {
		t.Errorf("README.md shows something else (-README +command):\n%s", diff)
	}
}
