package lsp_test

import (
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

func TestExplain(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	var page struct{ Title, Markdown string }
	err := c.Call("workspace/executeCommand", map[string]any{"command": "scx-lsp.explain", "arguments": []any{"toy"}}, &page)
	if err != nil || page.Title != "toy" || page.Markdown != "# toy\n" {
		t.Errorf("%q %v", page, err)
	}
	if !c.Await("window/showMessage", 1) {
		t.Error("the page is not shown")
	}
	var content struct{ Text string }
	if err := c.Call("workspace/textDocumentContent", map[string]any{"uri": "scx-lsp:/rules/toy.md"}, &content); err != nil || content.Text != page.Markdown {
		t.Errorf("%q %v", content.Text, err)
	}
	for id, params := range map[int]map[string]any{
		100: {"command": "scx-lsp.explain", "arguments": []any{"nothing"}},
		101: {"command": "scx-lsp.explain", "arguments": []any{7}},
		102: {"command": "scx-lsp.explain"},
		103: {"command": "rm"},
	} {
		c.Send(id, "workspace/executeCommand", params)
		wantError(t, c.Wait(id), codeInvalidParams)
	}
	c.Send(200, "workspace/textDocumentContent", map[string]any{"uri": "scx-lsp:/etc/passwd"})
	wantError(t, c.Wait(200), codeInvalidParams)
}

// TestExplainAsDocument: a client that can show our documents gets one.
func TestExplainAsDocument(t *testing.T) {
	c, _ := start(t, newFake())
	err := c.Call("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{
		"window":    map[string]any{"showDocument": map[string]any{"support": true}},
		"workspace": map[string]any{"textDocumentContent": map[string]any{}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call("workspace/executeCommand", map[string]any{"command": "scx-lsp.explain", "arguments": []any{"toy"}}, nil); err != nil {
		t.Fatal(err)
	}
	if !c.Await("window/showDocument", 1) || !strings.Contains(string(c.Notes("window/showDocument")[0].Params), `"scx-lsp:/rules/toy.md"`) {
		t.Errorf("%+v", c.Notes("window/showDocument"))
	}
}

func TestCodeActionKinds(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "BAD")
	for only, want := range map[string]int{"quickfix": 4, "": 4, "refactor": 0, "source.fixAll": 1, "source": 1, "quick": 0} {
		var actions []any
		err := c.Call("textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": docURI}, "range": lsptest.Range{},
			"context": map[string]any{"diagnostics": []any{}, "only": []any{only}},
		}, &actions)
		if err != nil || len(actions) != want {
			t.Errorf("only %q: %d actions, want %d (%v)", only, len(actions), want, err)
		}
	}
}
