// Package verifier judges what kernels would refuse in a translation unit.
package verifier

import (
	"context"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// A Rule is one thing that the verifier looks for.
type Rule struct {
	ID  string // "kfunc-context"
	Doc string // Markdown, the rule's doc.md
	Run func(*Pass)
}

// A Pass is one rule at work on one unit.
type Pass struct {
	Context context.Context
	Unit    *cindex.Unit
	Kernels []*btfdb.Kernel
	Report  func(Finding)
}

// Check runs rules over a unit for the given kernels. The findings are sorted
// by file, position, rule and message. A rule that panics loses its own
// findings only.
func Check(ctx context.Context, u *cindex.Unit, kernels []*btfdb.Kernel, rules []*Rule) []Finding {
	return nil
}
