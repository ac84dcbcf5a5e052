package lsptest

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestModel: what LSP does not allow is found, what it allows is not.
func TestModel(t *testing.T) {
	model, err := LSP()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ answers, message, want string }{
		{"", `{"method":"textDocument/publishDiagnostics","params":{"uri":"file:///a","diagnostics":[]}}`, ""},
		{"", `{"method":"textDocument/publishDiagnostics","params":{"uri":"file:///a"}}`, "diagnostics: missing"},
		{"", `{"method":"textDocument/publishDiagnostics","params":{"uri":"file:///a","diagnostics":null}}`, "diagnostics: no array"},
		{"", `{"method":"textDocument/publishDiagnostics","params":{"uri":"file:///a","diagnostics":[{"range":{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}},"message":"x"}]}}`, "start.line: -1 is no uinteger"},
		{"", `{"method":"textDocument/publishDiagnostics","params":{"uri":"file:///a","diagnostics":[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"message":"x","severity":7}]}}`, "DiagnosticSeverity"},
		{"", `{"method":"window/showMessage","params":{"type":3,"message":"x","kind":1}}`, "kind: no property"},
		{"", `{"method":"textDocument/didOpen","params":{}}`, "not for servers"},
		{"", `{"method":"scx-lsp/whatever","params":{}}`, "no message of LSP"},
		{"", `{"id":1,"method":"workspace/codeLens/refresh"}`, ""},
		{"textDocument/hover", `{"id":1,"result":null}`, ""},
		{"textDocument/hover", `{"id":1,"result":{"contents":{"kind":"markdown","value":"x"}}}`, ""},
		{"textDocument/hover", `{"id":1,"result":{"contents":{"kind":"html","value":"x"}}}`, "contents"},
		{"textDocument/hover", `{"id":1,"result":{"content":"x"}}`, ".content"},
		{"textDocument/codeLens", `{"id":1,"result":[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"command":{"title":"x"}}]}`, "command.command: missing"},
		{"textDocument/hover", `{"id":1,"error":{"code":-32603,"message":"x"}}`, ""},
		{"initialize", `{"id":1,"result":{"capabilities":{"hoverProvider":"yes"}}}`, "hoverProvider"},
	} {
		var m Message
		if err := json.Unmarshal([]byte(tc.message), &m); err != nil {
			t.Fatal(err)
		}
		err := model.Message(&m, tc.answers)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s\n\t%v, want %q", tc.message, err, tc.want)
		}
	}
}
