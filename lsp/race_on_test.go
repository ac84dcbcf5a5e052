//go:build race

package lsp_test

// hugeDocument is less with the race detector, which makes JSON slow.
const hugeDocument = 17 << 20
