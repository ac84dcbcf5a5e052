package kfuncnull

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/verifier/verifiertest"
)

func TestRule(t *testing.T) { verifiertest.Run(t, "testdata", Rule) }
