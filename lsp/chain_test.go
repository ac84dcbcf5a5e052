package lsp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

const (
	docURI = "file:///ws/a.bpf.c"

	codeParse          = -32700
	codeInvalidRequest = -32600
	codeMethodNotFound = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
	codeNotInitialized = -32002
	codeCancelled      = -32800
)

// hoverParams ask about the first character of the document.
var hoverParams = map[string]any{
	"textDocument": map[string]any{"uri": docURI},
	"position":     map[string]any{"line": 0, "character": 0},
}

// wantError checks the answer to a request.
func wantError(t *testing.T, m *lsptest.Message, code int) {
	t.Helper()
	switch {
	case m == nil:
		t.Errorf("no answer, want error %d", code)
	case m.Error == nil:
		t.Errorf("result %s, want error %d", m.Result, code)
	case m.Error.Code != code:
		t.Errorf("error %v, want %d", m.Error, code)
	}
}

// wantAlive checks that the server still answers.
func wantAlive(t *testing.T, c *lsptest.Client, id any) {
	t.Helper()
	c.Send(id, "textDocument/hover", hoverParams)
	if m := c.Wait(id); m == nil || m.Error != nil {
		t.Errorf("hover: %+v", m)
	}
}

func TestAbuse(t *testing.T) {
	tests := map[string]func(*testing.T, *lsptest.Client){
		"unknown request": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "foo/bar", map[string]any{})
			wantError(t, c.Wait(3), codeMethodNotFound)
		},
		"unknown request without params": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "foo/bar", nil)
			wantError(t, c.Wait(3), codeMethodNotFound)
		},
		"known request that we do not serve": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "textDocument/moniker", hoverParams)
			wantError(t, c.Wait(3), codeMethodNotFound)
		},
		"unknown notifications": func(t *testing.T, c *lsptest.Client) {
			c.Notify("$/foo", map[string]any{})
			c.Notify("$/foo", nil)
			c.Notify("foo/bar", nil)
		},
		"string id": func(t *testing.T, c *lsptest.Client) { wantAlive(t, c, "str-1") },
		"large id":  func(t *testing.T, c *lsptest.Client) { wantAlive(t, c, 3000000000) },
		"params of the wrong shape": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "textDocument/hover", map[string]any{"x": []int{1}})
			wantError(t, c.Wait(3), codeInvalidParams)
			c.Send(4, "textDocument/hover", nil)
			wantError(t, c.Wait(4), codeInvalidParams)
			c.Notify("textDocument/didOpen", map[string]any{"textDocument": 7})
			c.Notify("textDocument/didChange", map[string]any{"textDocument": 7})
			c.Notify("textDocument/didChange", nil)
			c.Notify("textDocument/didClose", []int{})
		},
		"position outside the document": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "textDocument/hover", map[string]any{
				"textDocument": map[string]any{"uri": docURI},
				"position":     map[string]any{"line": 4000000000, "character": 4000000000},
			})
			if m := c.Wait(3); m == nil || m.Error != nil || string(m.Result) != "null" {
				t.Errorf("hover: %+v", m)
			}
		},
		"document that is not open": func(t *testing.T, c *lsptest.Client) {
			other := map[string]any{"textDocument": map[string]any{"uri": "untitled:Untitled-1"}, "position": map[string]any{"line": 0, "character": 0}}
			c.Send(3, "textDocument/hover", other)
			if m := c.Wait(3); m == nil || m.Error != nil || string(m.Result) != "null" {
				t.Errorf("hover: %+v", m)
			}
			c.Notify("textDocument/didClose", other)
			c.Notify("textDocument/didSave", other)
			c.Notify("textDocument/didChange", map[string]any{
				"textDocument":   map[string]any{"uri": "untitled:Untitled-1", "version": 2},
				"contentChanges": []any{map[string]any{"text": "x"}},
			})
		},
		"body that is not JSON": func(t *testing.T, c *lsptest.Client) {
			for _, body := range []string{"{not json", "", "\xff\xfe", `{"jsonrpc":"2.0","id":1`} {
				c.Raw([]byte(body))
				wantError(t, c.Wait(nil), codeParse)
			}
		},
		"body that is no message": func(t *testing.T, c *lsptest.Client) {
			for _, body := range []string{"[]", `[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]`, "7", `"x"`, "null", "{}", `{"jsonrpc":"1.0","id":1,"method":"x"}`} {
				c.Raw([]byte(body))
				wantError(t, c.Wait(nil), codeInvalidRequest)
			}
		},
		"response that nobody awaits": func(t *testing.T, c *lsptest.Client) {
			c.Raw([]byte(`{"jsonrpc":"2.0","id":99,"result":null}`))
			c.Raw([]byte(`{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}}`))
		},
		"deep nesting": func(t *testing.T, c *lsptest.Client) {
			deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
			c.Raw([]byte(`{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":` + deep + `}`))
			c.Raw([]byte(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":` + deep + `}`))
		},
		"second initialize": func(t *testing.T, c *lsptest.Client) {
			c.Send(3, "initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}})
			wantError(t, c.Wait(3), codeInvalidRequest)
		},
		"cancelling nothing": func(t *testing.T, c *lsptest.Client) {
			for _, id := range []any{77, "x", nil, 3000000000, 1e30, map[string]any{}} {
				c.Notify("$/cancelRequest", map[string]any{"id": id})
			}
			c.Notify("$/cancelRequest", nil)
		},
		"bad settings": func(t *testing.T, c *lsptest.Client) {
			c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"scxLsp": map[string]any{"kernels": 7}}})
			c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"scxLsp": map[string]any{"kernels": "none"}}})
			c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
		},
	}
	for name, abuse := range tests {
		t.Run(name, func(t *testing.T) {
			c, code := start(t, newFake())
			c.Initialize(nil)
			c.Open(docURI, "int x;\n")
			abuse(t, c)
			wantAlive(t, c, 1000)
			c.Change(docURI, lsptest.Edit{Start: 4, End: 5, Text: "BAD"})
			if d := c.Diagnostics(docURI); len(d) != 1 {
				t.Errorf("diagnostics: %+v", d)
			}
			c.Shutdown()
			if got := exitCode(t, code); got != 0 {
				t.Errorf("exit code %d", got)
			}
		})
	}
}

func TestShutdownParams(t *testing.T) {
	for name, body := range map[string]string{"absent": "", "null": `,"params":null`, "object": `,"params":{}`} {
		t.Run(name, func(t *testing.T) {
			c, code := start(t, newFake())
			c.Initialize(nil)
			c.Raw([]byte(`{"jsonrpc":"2.0","id":20,"method":"shutdown"` + body + `}`))
			if m := c.Wait(20); m == nil || m.Error != nil || string(m.Result) != "null" {
				t.Errorf("shutdown: %+v", m)
			}
			c.Send(21, "textDocument/hover", hoverParams)
			wantError(t, c.Wait(21), codeInvalidRequest)
			c.Raw([]byte(`{"jsonrpc":"2.0","method":"exit"` + body + `}`))
			if got := exitCode(t, code); got != 0 {
				t.Errorf("exit code %d", got)
			}
		})
	}
}

func TestExitWithoutShutdown(t *testing.T) {
	c, code := start(t, newFake())
	c.Initialize(nil)
	c.Notify("exit", nil)
	if got := exitCode(t, code); got != 1 {
		t.Errorf("exit code %d", got)
	}
}

func TestExitBeforeInitialize(t *testing.T) {
	c, code := start(t, newFake())
	c.Send(1, "textDocument/hover", hoverParams)
	wantError(t, c.Wait(1), codeNotInitialized)
	c.Notify("textDocument/didOpen", nil)
	c.Notify("exit", nil)
	if got := exitCode(t, code); got != 1 {
		t.Errorf("exit code %d", got)
	}
}

func TestEndOfInput(t *testing.T) {
	c, code := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "SLOW")
	c.Send(2, "textDocument/hover", hoverParams) // still running when the client goes
	c.Close()
	if got := exitCode(t, code); got != 1 {
		t.Errorf("exit code %d", got)
	}
}

func TestParentDies(t *testing.T) {
	parent := exec.Command(os.Args[0], "-test.run=^$")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	c, code := start(t, newFake())
	err := c.Call("initialize", map[string]any{"processId": parent.Process.Pid, "rootUri": nil, "capabilities": map[string]any{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	if got := exitCode(t, code); got != 1 {
		t.Errorf("exit code %d", got)
	}
}

func TestCancelRequest(t *testing.T) {
	for _, id := range []any{10, "ten", 3000000000} {
		t.Run(fmt.Sprint(id), func(t *testing.T) {
			a := newFake()
			a.slow = 500 * time.Millisecond
			c, _ := start(t, a)
			c.Initialize(nil)
			c.Open(docURI, "SLOW")
			c.Send(id, "textDocument/hover", hoverParams)
			c.Notify("$/cancelRequest", map[string]any{"id": id})
			wantError(t, c.Wait(id), codeCancelled)
		})
	}
}

func TestSlowRequestBlocksNothing(t *testing.T) {
	a := newFake()
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open(docURI, "SLOW")
	c.Open("file:///ws/b.bpf.c", "int y;")
	begin := time.Now()
	c.Send(11, "textDocument/hover", hoverParams)
	if _, r := c.Hover("file:///ws/b.bpf.c", 0); r != nil {
		t.Errorf("hover: %v", r)
	}
	if took := time.Since(begin); took >= a.slow {
		t.Errorf("the second hover took %v: it waited for the first", took)
	}
}

func TestPanicCostsOneAnswer(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "PANIC")
	c.Send(13, "textDocument/hover", hoverParams)
	wantError(t, c.Wait(13), codeInternal)
	c.Replace(docURI, "int x;")
	wantAlive(t, c, 14)
	c.Replace(docURI, "PANICCHECK SEC(")
	c.Diagnostics(docURI)
	c.Replace(docURI, "BAD SEC(")
	if d := c.Diagnostics(docURI); len(d) != 1 {
		t.Errorf("diagnostics: %+v", d)
	}
}

func TestStrayHeaderLines(t *testing.T) {
	c, _ := start(t, newFake())
	body := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`
	c.RawBytes([]byte(fmt.Sprintf("warning from a wrapper\r\ncontent-LENGTH:%d \nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s", len(body), body)))
	if m := c.Wait(1); m == nil || m.Error != nil {
		t.Errorf("initialize: %+v", m)
	}
}

func TestUnusableHeader(t *testing.T) {
	for _, header := range []string{"\r\n", "Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999\r\n\r\n", strings.Repeat("x", 1<<20)} {
		c, code := start(t, newFake())
		go c.RawBytes([]byte(header))
		if got := exitCode(t, code); got != 1 {
			t.Errorf("%.30q: exit code %d", header, got)
		}
	}
}

// TestLargeDocument opens 10 MB. It takes 0.1 s; the race detector makes it 6.
func TestLargeDocument(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	begin := time.Now()
	c.Open(docURI, strings.Repeat("int x;\n", 10_000_000/7))
	wantAlive(t, c, 30)
	if took := time.Since(begin); took > lsptest.Patience {
		t.Errorf("took %v", took)
	}
}

func TestDiagnosticsAreNeverNull(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "int x;")
	c.Diagnostics(docURI) // lsptest refuses null
	raw, err := json.Marshal(c.History(docURI))
	if err != nil || bytes.Contains(raw, []byte(`"diagnostics":null`)) {
		t.Errorf("%s %v", raw, err)
	}
}

func TestTrace(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "int x;")
	c.Hover(docURI, 0)
	if n := len(c.Notes("$/logTrace")); n != 0 {
		t.Errorf("%d traces that nobody wanted", n)
	}
	c.Notify("$/setTrace", map[string]any{"value": "messages"})
	c.Hover(docURI, 0)
	if !c.Await("$/logTrace", 1) {
		t.Error("no trace")
	}
	if !c.Await("window/logMessage", 1) {
		t.Error("no log message")
	}
}
