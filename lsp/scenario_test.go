package lsp_test

import (
	"flag"
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

var update = flag.Bool("update", false, "rewrite the goldens of testdata/*.txt")

func TestToyScenarios(t *testing.T) {
	lsptest.RunScenarios(t, "testdata/toy/*.txt", *update, func(t *testing.T) *lsptest.Client {
		c, _ := start(t, newFake())
		return c
	})
}
