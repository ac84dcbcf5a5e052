package object

import (
	"strings"
	"testing"
)

// TestRulePages: every rule that only objects show has a page of the form that the
// others have.
func TestRulePages(t *testing.T) {
	for _, r := range Rules {
		for _, part := range []string{"# " + r.ID + "\n", "## Who refuses, and when", "## Avoid", "## Prefer", "## What it does not see"} {
			if !strings.Contains(r.Doc, part) {
				t.Errorf("%s.md lacks %q", r.ID, part)
			}
		}
	}
	pages := map[string]bool{}
	for _, r := range Rules {
		pages[r.ID] = true
	}
	for _, name := range []string{"deep_stack", "cast"} {
		for _, f := range check(t, openCase(t, name), kernels(t, "7.3.4"), Options{}).Findings {
			if !pages[f.Rule] {
				t.Errorf("%s: %s has no page", name, f.Rule)
			}
		}
	}
}
