package lsp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

type pulled struct {
	Kind     string               `json:"kind"`
	ResultID string               `json:"resultId"`
	Items    []lsptest.Diagnostic `json:"items"`
	URI      string               `json:"uri"`
	Version  *int                 `json:"version"`
	Related  map[string]pulled    `json:"relatedDocuments"`
}

func startPull(t *testing.T, root string) *lsptest.Client {
	t.Helper()
	c, _ := start(t, newFake())
	err := c.Call("initialize", map[string]any{
		"processId": nil, "rootUri": "file://" + root, "initializationOptions": map[string]any{"pullDiagnostics": true},
		"capabilities": map[string]any{
			"workspace":    map[string]any{"diagnostics": map[string]any{"refreshSupport": true}},
			"textDocument": map[string]any{"diagnostic": map[string]any{"relatedDocumentSupport": true}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Notify("initialized", map[string]any{})
	return c
}

func pull(t *testing.T, c *lsptest.Client, uri, previous string) pulled {
	t.Helper()
	params := map[string]any{"textDocument": map[string]any{"uri": uri}}
	if previous != "" {
		params["previousResultId"] = previous
	}
	var p pulled
	if err := c.Call("textDocument/diagnostic", params, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPullDocument(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "h.bpf.h"), []byte("BAD\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := startPull(t, dir)
	src, header := "file://"+dir+"/a.bpf.c", "file://"+dir+"/h.bpf.h"
	c.Open(src, "#include \"h.bpf.h\"\nBAD\n")
	first := pull(t, c, src, "")
	if first.Kind != "full" || len(first.Items) != 1 || len(first.Related[header].Items) != 1 {
		t.Errorf("%+v", first)
	}
	if same := pull(t, c, src, first.ResultID); same.Kind != "unchanged" || same.ResultID != first.ResultID {
		t.Errorf("%+v", same)
	}
	c.Open(header, "BAD BAD\n") // asked for by itself now
	if p := pull(t, c, src, ""); len(p.Related) != 0 || len(p.Items) != 1 {
		t.Errorf("%+v", p)
	}
	if p := pull(t, c, header, ""); len(p.Items) != 2 {
		t.Errorf("%+v", p)
	}
	c.Replace(src, "BAD BAD")
	if p := pull(t, c, src, first.ResultID); p.Kind != "full" || len(p.Items) != 2 {
		t.Errorf("%+v", p)
	}
	if p := pull(t, c, "file:///nowhere.bpf.c", ""); p.Kind != "full" || p.Items == nil || len(p.Items) != 0 {
		t.Errorf("%+v", p)
	}
	if h := c.History(src); h != nil {
		t.Errorf("pushed to a client that pulls: %+v", h)
	}
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"scxLsp": map[string]any{"kernels": "7.1"}}})
	if !c.Await("workspace/diagnostic/refresh", 1) {
		t.Error("no refresh after a change of kernels")
	}
}

func TestPullWorkspace(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.bpf.c": "BAD\n", "sub/b.bpf.c": "#include \"../h.bpf.h\"\n", "h.bpf.h": "BAD\n",
		".hidden/c.bpf.c": "BAD\n", "node_modules/d.bpf.c": "BAD\n", "main.c": "BAD\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := startPull(t, dir)
	uri := func(name string) string { return "file://" + filepath.Join(dir, name) }
	c.Open(uri("a.bpf.c"), "BAD BAD\n")
	ask := func(previous map[string]string) map[string]pulled {
		t.Helper()
		ids := []any{}
		for u, id := range previous {
			ids = append(ids, map[string]any{"uri": u, "value": id})
		}
		var report struct{ Items []pulled }
		if err := c.Call("workspace/diagnostic", map[string]any{"previousResultIds": ids}, &report); err != nil {
			t.Fatal(err)
		}
		byURI := map[string]pulled{}
		for _, p := range report.Items {
			byURI[p.URI] = p
		}
		return byURI
	}
	first := ask(nil)
	if len(first) != 3 || len(first[uri("a.bpf.c")].Items) != 2 || len(first[uri("sub/b.bpf.c")].Items) != 0 || len(first[uri("h.bpf.h")].Items) != 1 {
		t.Errorf("%+v", first)
	}
	if v := first[uri("a.bpf.c")].Version; v == nil || *v != 1 {
		t.Errorf("version of the open document: %v", v)
	}
	previous := map[string]string{}
	for u, p := range first {
		previous[u] = p.ResultID
	}
	c.Replace(uri("a.bpf.c"), "fine")
	if err := os.WriteFile(filepath.Join(dir, "sub/b.bpf.c"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	second := ask(previous)
	if p := second[uri("sub/b.bpf.c")]; p.Kind != "unchanged" {
		t.Errorf("b: %+v", p)
	}
	if p := second[uri("h.bpf.h")]; p.Kind != "full" || len(p.Items) != 0 {
		t.Errorf("a header that nobody includes any more: %+v", p)
	}
	if p := second[uri("a.bpf.c")]; p.Kind != "full" || len(p.Items) != 0 {
		t.Errorf("a: %+v", p)
	}
}
