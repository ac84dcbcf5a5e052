package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScaffold: a new rule has all that TestRules asks of a folder, its code is
// Go, and what is left to do says so.
func TestScaffold(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := scaffold("kfunc-new"); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"rule.go", "rule_test.go", "doc.md", "testdata/7.3/example.bpf.c"} {
		text, err := os.ReadFile(filepath.Join("kfuncnew", filepath.FromSlash(f)))
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(text), "{{") || !strings.Contains(string(text), "kfunc") {
			t.Errorf("%s is not filled in:\n%s", f, text)
		}
		if f != "rule_test.go" && !strings.Contains(string(text), "TODO") {
			t.Errorf("%s does not say what is left to do", f)
		}
	}
	src, err := registry([]string{"kfuncnew/rule.go"})
	if err != nil || !strings.Contains(string(src), "kfuncnew.Rule,") {
		t.Errorf("registry: %v\n%s", err, src)
	}
	if err := scaffold("kfunc-new"); err == nil {
		t.Error("a rule that is there was made again")
	}
	for _, id := range []string{"", "Kfunc-new", "../x", "kfunc_new", "kfunc-", "directive"} {
		if err := scaffold(id); err == nil {
			t.Errorf("a rule %q was made", id)
		}
	}
}
