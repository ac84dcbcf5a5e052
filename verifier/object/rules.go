package object

import (
	_ "embed" // the pages of the rules

	"github.com/scx-lsp/scx-lsp/verifier"
)

// Rules are those that only an object shows. They have no Run: Check finds them.
var Rules = []*verifier.Rule{
	{ID: ruleStack, Summary: "more than 512 bytes of stack in a chain of calls", Doc: stackPage},
	{ID: ruleEncoding, Summary: "an instruction that no kernel knows", Doc: encodingPage},
}

var (
	//go:embed rules/object-stack.md
	stackPage string
	//go:embed rules/object-encoding.md
	encodingPage string
)
