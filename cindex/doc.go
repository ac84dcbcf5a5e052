// Package cindex reads BPF C as the compiler would and tells what it found:
// functions, calls with the conditions that guard them, ops tables, programs,
// kernel symbols.
//
// How a source becomes facts:
//
//	bytes ─ lexer ─ tokens ─ cutter ─ pieces        (per file: source.go, cut.go)
//	pieces ─ preprocessor ─ expanded tokens         (per unit: process.go, expand.go)
//	expanded tokens ─ parser ─ raw facts            (parse_*.go, relative to the piece)
//	raw facts ─ resolve and place ─ Unit            (resolve.go, unit.go)
//
// A piece is one top-level declaration or one directive. Its raw facts are
// kept with it, together with the definitions of all macros that were asked
// for while it was expanded: in a later unit, or after an edit, they hold as
// long as these definitions are the same. So a keystroke lexes and parses one
// function, and the result is that of a fresh parse by construction.
//
// The package does not know kernels: whether a name is a kfunc, a helper or a
// typing error is for its callers to find out. It never opens vmlinux.h.
package cindex
