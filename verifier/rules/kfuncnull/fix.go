package kfuncnull

import (
	"fmt"

	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/flow"
)

// testFix adds a test behind the call that gave the pointer, where its result
// goes to a variable in a statement of its own.
func testFix(p *verifier.Pass, r flow.Result) []verifier.Fix {
	at, ok := flow.Locate(p.Unit, r.From)
	fn := p.Unit.Func(r.From.Func)
	if !ok || fn == nil || r.From.At.End == 0 {
		return nil
	}
	line, ok := flow.LineAt(at)
	if !ok {
		return nil
	}
	name, ok := line.Assigned(r.Source)
	if !ok {
		return nil
	}
	leave := "\treturn 0;"
	if fn.Ret == "void" {
		leave = "\treturn;"
	}
	return []verifier.Fix{{
		Title: "Return if " + name + " is NULL",
		Edits: []verifier.Edit{line.After(fmt.Sprintf("if (!%s)", name), leave)},
	}}
}
