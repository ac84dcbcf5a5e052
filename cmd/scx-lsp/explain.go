package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// explainCommand prints the page of a rule.
func explainCommand(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	if len(args) != 1 || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprintln(stderr, "usage: scx-lsp explain RULE, with RULE one of:")
		for _, r := range explained() {
			fmt.Fprintf(stderr, "  %-18s %s\n", r.ID, r.Summary)
		}
		return exitTrouble
	}
	for _, r := range explained() {
		if r.ID == args[0] {
			fmt.Fprint(stdout, r.Doc)
			return exitClean
		}
	}
	fmt.Fprintf(stderr, "scx-lsp explain: no rule %q\n", args[0])
	return exitTrouble
}

// explained are the rules that have a page: those of check, and those of verify.
func explained() []*verifier.Rule { return slices.Concat(rules.All, object.Rules) }
