package verifier

import "github.com/scx-lsp/scx-lsp/cindex"

// Cached gives what compute makes of a function of the unit, from memory if
// the function has not changed since. What it gives must follow from the
// function's own text and the names of the unit alone, and hold no place in a
// file but as an offset from fn.Body.Start: the function may have moved. One
// rule may cache one thing of a function.
func Cached[T any](p *Pass, fn *cindex.Func, compute func(*cindex.Func) T) T {
	return compute(fn)
}
