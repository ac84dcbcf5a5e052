package lsp_test

import (
	"testing"
	"time"
)

// TestCancelWorkspaceRequests: what reads the whole workspace ends when nobody
// waits for it any more.
func TestCancelWorkspaceRequests(t *testing.T) {
	a := newFake()
	a.slow = time.Hour
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open(docURI, "SEC( SLOW")
	for id, method := range map[int]string{500: "workspace/symbol", 501: "textDocument/inlayHint", 502: "textDocument/codeAction"} {
		c.Send(id, method, map[string]any{
			"query": "x", "textDocument": map[string]any{"uri": docURI}, "range": map[string]any{
				"start": map[string]any{"line": 0, "character": 0}, "end": map[string]any{"line": 0, "character": 1},
			}, "context": map[string]any{"diagnostics": []any{}},
		})
		c.Notify("$/cancelRequest", map[string]any{"id": id})
		wantError(t, c.Wait(id), codeCancelled)
	}
}
