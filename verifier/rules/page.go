package rules

import (
	"fmt"
	"strings"
)

// Pages is docs/rules.md: a table of all rules, and their pages as `scx-lsp
// explain` prints them.
func Pages() string {
	var b strings.Builder
	b.WriteString("<!-- Written by `go generate ./verifier/rules` from the rules' doc.md. Do not edit. -->\n\n" +
		"Every rule of scx-lsp. `scx-lsp explain RULE` prints the same pages.\n\n| rule | finds |\n|---|---|\n")
	for _, r := range All {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", r.ID, r.ID, r.Summary)
	}
	for _, r := range All {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(r.Doc))
	}
	return b.String()
}
