package main

import (
	"fmt"
	"io"

	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// explainCommand prints the page of a rule.
func explainCommand(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	if len(args) != 1 || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprintln(stderr, "usage: scx-lsp explain RULE, with RULE one of:")
		for _, r := range rules.All {
			fmt.Fprintf(stderr, "  %-18s %s\n", r.ID, r.Summary)
		}
		return exitTrouble
	}
	r := rules.ByID(args[0])
	if r == nil {
		fmt.Fprintf(stderr, "scx-lsp explain: no rule %q\n", args[0])
		return exitTrouble
	}
	fmt.Fprint(stdout, r.Doc)
	return exitClean
}
