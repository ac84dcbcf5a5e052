// Package syntax reads BPF C as its author wrote it, before any preprocessing:
// declarations, written calls, statements, the role of every identifier. It is
// what an editor needs beside the semantic facts of package cindex.
//
// How a text becomes facts:
//
//	text ─ cutter ─ pieces                    (cut.go, resync.go)
//	piece ─ lexer ─ tokens, directives        (token.go, arms.go)
//	tokens ─ outline ─ declarations, blanks   (outline.go, members.go)
//	tokens ─ mask ─ text that the C grammar knows, of the same length (mask*.go)
//	masked text ─ tree-sitter ─ roles, statements    (tree.go, roles.go)
//
// A piece is one top-level declaration or one directive. Its facts depend on
// its own bytes and on nothing else, so that a [Cache] may keep them by content:
// a keystroke parses one function, and the facts after any edit are those of a
// fresh parse by construction. No C tree outlives the parse of its piece, and no
// type of the tree-sitter binding leaves this package.
//
// Names, parameters, fields and calls come from the tokens, because they must
// be right in the middle of typing; the tree adds what only a grammar can tell.
//
// The package does not expand macros, evaluate #if, follow #include or resolve
// names, and it never reports a C error to users.
package syntax
