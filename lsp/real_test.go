package lsp_test

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp"
	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
	"github.com/scx-lsp/scx-lsp/verifier/rules"
)

// startReal runs a server with everything that a user's has.
func startReal(tb testing.TB) (*lsptest.Client, <-chan int) {
	tb.Helper()
	a, err := lsp.NewAnalyzer("7.3", rules.All)
	if err != nil {
		tb.Fatal(err)
	}
	return start(tb, a)
}

func TestScenarios(t *testing.T) {
	lsptest.RunScenarios(t, "testdata/scenario/*.txt", *update, func(t *testing.T) *lsptest.Client {
		c, _ := startReal(t)
		return c
	})
}
