package directive_test

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/rules/directive"
	"github.com/scx-lsp/scx-lsp/verifier/rules/kfunccontext"
	"github.com/scx-lsp/scx-lsp/verifier/rules/kfuncsleepable"
	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) {
	verifiertest.Run(t, "testdata", kfunccontext.Rule, kfuncsleepable.Rule, directive.Rule)
}
