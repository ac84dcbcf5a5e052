package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var idForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// TestRules holds every rule to the form that users and tools rely on: an id
// that is the folder's name, a doc with the four parts, tests of its own.
func TestRules(t *testing.T) {
	folders, err := filepath.Glob("*/rule.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(All) {
		t.Errorf("%d folders with a rule, %d in the registry: run go generate ./verifier/rules", len(folders), len(All))
	}
	for _, r := range All {
		t.Run(r.ID, func(t *testing.T) {
			if !idForm.MatchString(r.ID) {
				t.Errorf("id %q is not lower-case words and hyphens", r.ID)
			}
			dir := strings.ReplaceAll(r.ID, "-", "")
			for _, f := range []string{"rule.go", "rule_test.go", "doc.md", "testdata"} {
				if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
					t.Error(err)
				}
			}
			if r.Summary == "" || strings.HasSuffix(r.Summary, ".") {
				t.Errorf("summary %q is not one clause", r.Summary)
			}
			for _, part := range []string{"# " + r.ID + "\n", "## Who refuses, and when", "## Avoid", "## Prefer", "## What it does not see"} {
				if !strings.Contains(r.Doc, part) {
					t.Errorf("doc.md lacks %q", part)
				}
			}
			if strings.Contains(r.Doc+r.Summary, "TODO") {
				t.Error("something is left to fill in: TODO")
			}
			if ByID(r.ID) != r {
				t.Errorf("ByID(%q) finds another rule", r.ID)
			}
		})
	}
}

// TestPages: docs/rules.md is what the rules' pages say.
func TestPages(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "rules.md")
	if *update {
		if err := os.WriteFile(path, []byte(Pages()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Pages() {
		t.Error("docs/rules.md is not what the rules' pages say: run go generate ./verifier/rules")
	}
}
