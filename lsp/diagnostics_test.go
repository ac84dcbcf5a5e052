package lsp_test

import (
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

func TestDiagnosticShape(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "/* ü𝄞 */ BAD\n")
	ds := c.Diagnostics(docURI)
	if len(ds) != 1 {
		t.Fatalf("diagnostics: %+v", ds)
	}
	d := ds[0]
	want := lsptest.Range{Start: lsptest.Position{Line: 0, Character: 10}, End: lsptest.Position{Line: 0, Character: 13}}
	if d.Range != want || d.Severity != 1 || d.Code != "toy" || d.Source != "scx-lsp" || d.Message != "BAD is not allowed" {
		t.Errorf("%+v", d)
	}
	if len(d.Related) != 2 || d.Related[0].Message != "main calls BAD" || d.Related[1].Message != "said by the fake" ||
		d.Related[0].Location != (lsptest.Location{URI: docURI, Range: want}) {
		t.Errorf("related: %+v", d.Related)
	}
	if string(d.Data) != `{"rule":"toy","kfunc":"BAD","releases":["7.3"]}` {
		t.Errorf("data: %s", d.Data)
	}
}

// TestRelatedWithoutSupport: a client that shows no related information still
// gets the chain, in the message.
func TestRelatedWithoutSupport(t *testing.T) {
	c, _ := start(t, newFake())
	err := c.Call("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Open(docURI, "BAD")
	ds := c.Diagnostics(docURI)
	if len(ds) != 1 || ds[0].Message != "BAD is not allowed\nmain calls BAD\nsaid by the fake" || ds[0].Related != nil {
		t.Errorf("%+v", ds)
	}
}

// TestFastTyping floods the server; what it publishes in between is right for
// the version that it names, and the last word is about the last version.
func TestFastTyping(t *testing.T) {
	const edits = 5000
	c, _ := start(t, newFake())
	c.Initialize(nil)
	c.Open(docURI, "SEC(\n")
	bad := map[int]int{1: 0} // version → how many BADs it has
	n := 0
	for v := 2; v <= edits; v++ {
		if text := c.Text(docURI); v%3 == 0 && n > 0 {
			c.Change(docURI, lsptest.Edit{Start: len(text) - 4, End: len(text)})
			n--
		} else {
			c.Change(docURI, lsptest.Edit{Start: len(text), End: len(text), Text: "BAD\n"})
			n++
		}
		bad[v] = n
		if n > 20 {
			c.Replace(docURI, "SEC(\n")
			n = 0
			v++
			bad[v] = 0
		}
	}
	if got := len(c.Diagnostics(docURI)); got != n {
		t.Errorf("%d diagnostics, want %d", got, n)
	}
	last := 0
	for _, p := range c.History(docURI) {
		if p.Version == nil || *p.Version < last {
			t.Fatalf("version %v after %d", p.Version, last)
		}
		last = *p.Version
		if len(p.Diagnostics) != bad[last] {
			t.Fatalf("version %d: %d diagnostics, want %d", last, len(p.Diagnostics), bad[last])
		}
	}
}

// TestStaleRunIsCancelled: the run for a text that takes long ends when the
// text is replaced, and says nothing.
func TestStaleRunIsCancelled(t *testing.T) {
	a := newFake()
	a.slow = time.Hour
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open(docURI, "SLOW BAD")
	c.Replace(docURI, "BAD BAD")
	if ds := c.Diagnostics(docURI); len(ds) != 2 {
		t.Errorf("%+v", ds)
	}
	if h := c.History(docURI); len(h) != 1 {
		t.Errorf("history: %+v", h)
	}
}

func has(n int) func(lsptest.Published) bool {
	return func(p lsptest.Published) bool { return len(p.Diagnostics) == n }
}

// TestHeader follows a finding in a header through everything that can happen
// to the header and to the sources that include it.
func TestHeader(t *testing.T) {
	const header = "file:///ws/h.bpf.h"
	a := newFake()
	a.disk["/ws/h.bpf.h"] = []byte("BAD\n")
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open(docURI, "#include \"h.bpf.h\"\nBAD\n")
	if ds := c.Diagnostics(docURI); len(ds) != 1 {
		t.Errorf("source: %+v", ds)
	}
	c.Published(header, has(1)) // closed: no version
	// A second source says the same: once is enough.
	c.Open("file:///ws/b.bpf.c", "#include \"h.bpf.h\"\n")
	c.Diagnostics("file:///ws/b.bpf.c")
	c.Published(header, has(1))
	// Opened and mended in the editor, before it is saved.
	c.Open(header, "BAD BAD\n")
	c.Published(header, func(p lsptest.Published) bool { return p.Version != nil && len(p.Diagnostics) == 2 })
	c.Replace(header, "int fine;\n")
	c.Published(header, func(p lsptest.Published) bool { return p.Version != nil && *p.Version == 2 && len(p.Diagnostics) == 0 })
	// Closed without saving: the disk counts again.
	c.CloseDoc(header)
	c.Published(header, has(1))
	// The last source that includes it goes.
	c.CloseDoc(docURI)
	c.Published(docURI, has(0))
	c.Published(header, has(1))
	c.CloseDoc("file:///ws/b.bpf.c")
	c.Published(header, has(0))
}

func TestWatchedFiles(t *testing.T) {
	a := newFake()
	a.disk["/ws/h.bpf.h"] = []byte("BAD\n")
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open(docURI, "#include \"h.bpf.h\"\n")
	c.Published("file:///ws/h.bpf.h", has(1))
	a.mu.Lock()
	a.disk["/ws/h.bpf.h"] = []byte("fine\n")
	a.mu.Unlock()
	c.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": "file:///ws/h.bpf.h", "type": 2}}})
	c.Published("file:///ws/h.bpf.h", has(0))
}

func TestUntitledAndOddPaths(t *testing.T) {
	c, _ := start(t, newFake())
	c.Initialize(nil)
	for _, uri := range []string{"untitled:Untitled-1", "file:///ws/%C3%A9%20%2B%23.bpf.c", "git:/ws/a.bpf.c?HEAD"} {
		c.Open(uri, "BAD SEC(")
		if ds := c.Diagnostics(uri); len(ds) != 1 {
			t.Errorf("%s: %+v", uri, ds)
		}
	}
}

// TestForeignC: clients attach us to all C files; a file that holds no BPF
// gets an empty answer and costs no analysis.
func TestForeignC(t *testing.T) {
	a := newFake()
	c, _ := start(t, a)
	c.Initialize(nil)
	c.Open("file:///ws/main.c", "int BAD;\n")
	if ds := c.Diagnostics("file:///ws/main.c"); len(ds) != 0 || a.units != 0 {
		t.Errorf("%+v, %d units", ds, a.units)
	}
}

func TestSettings(t *testing.T) {
	a := newFake()
	c, _ := start(t, a)
	c.Initialize(map[string]any{"kernels": []string{"6.18", "7.3"}})
	if got := a.Kernels()[0].Release; got != "6.18,7.3" {
		t.Errorf("kernels %q", got)
	}
	c.Open(docURI, "BAD")
	c.Diagnostics(docURI)
	wait := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(lsptest.Patience); a.Kernels()[0].Release != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("kernels %q, want %q", a.Kernels()[0].Release, want)
			}
		}
	}
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"scxLsp": map[string]any{"kernels": "7.1"}}})
	wait("7.1")
	c.Settings = map[string]any{"kernels": "7.0"} // asked for with workspace/configuration
	c.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	wait("7.0")
	for deadline := time.Now().Add(lsptest.Patience); len(c.History(docURI)) < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no new diagnostics after the change")
		}
	}
}
