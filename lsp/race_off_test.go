//go:build !race

package lsp_test

const hugeDocument = 100 << 20
