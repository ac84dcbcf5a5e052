package verifier

import "github.com/scx-lsp/scx-lsp/cindex"

// maxCached is how many things are kept for one rule and object, at least; it
// grows with the number of functions.
const maxCached = 1000

// Cached gives what compute makes of a function of the unit, from memory if
// the function has not changed since. What it gives must follow from the
// function's own text and the names of the unit alone, and hold no place in a
// file but as an offset from fn.Body.Start: the function may have moved. One
// rule may cache one thing of a function.
func Cached[T any](p *Pass, fn *cindex.Func, compute func(*cindex.Func) T) T {
	memory := p.run.object.cached
	mine := memory[p.rule]
	if mine == nil || len(mine) > maxCached+4*len(p.Unit.Own()) {
		mine = map[*cindex.FuncKey]any{}
		memory[p.rule] = mine
	}
	key := fn.Key()
	if v, ok := mine[key].(T); ok && key != nil {
		return v
	}
	v := compute(fn)
	mine[key] = v
	return v
}

// Kept gives what is remembered of the object under a key, for all rules and
// from check to check; made when it is not there yet. Whoever keeps something
// tells by himself whether it still holds.
func Kept[T any](p *Pass, key any, made func() T) T {
	kept := p.run.object.kept
	if v, ok := kept[key].(T); ok {
		return v
	}
	v := made()
	kept[key] = v
	return v
}
