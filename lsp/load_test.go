package lsp_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

// TestMemoryDoesNotGrow edits a large scheduler many times over: what is kept
// afterwards is one version of it.
func TestMemoryDoesNotGrow(t *testing.T) {
	c, _ := startReal(t)
	c.Initialize(nil, "utf-8")
	c.Open(docURI, largeScheduler(3000))
	at := strings.Index(c.Text(docURI), "/* edit here */")
	churn := func(n int) uint64 {
		for i := range n {
			c.Change(docURI, lsptest.Edit{Start: at, End: at, Text: "scx_bpf_dsq_move_to_local(queue);\n"})
			if i%10 == 9 {
				c.Diagnostics(docURI)
			}
			c.Change(docURI, lsptest.Edit{Start: at, End: at + len("scx_bpf_dsq_move_to_local(queue);\n")})
		}
		if ds := c.Diagnostics(docURI); len(ds) != 0 {
			t.Fatalf("%+v", ds)
		}
		c.ForgetHistory()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := churn(100)
	after := churn(600)
	t.Logf("heap %d KiB, after 1,200 more edits %d KiB", before>>10, after>>10)
	if after > before+before/2+4<<20 {
		t.Errorf("heap grows from %d to %d KiB", before>>10, after>>10)
	}
}

// TestFlood sends edits as fast as the pipe takes them. None is lost, and the
// server is there for a request at once.
func TestFlood(t *testing.T) {
	const edits = 20_000
	c, _ := startReal(t)
	c.Initialize(nil, "utf-8")
	c.Open(docURI, largeScheduler(100))
	at := strings.Index(c.Text(docURI), "/* edit here */")
	begin := time.Now()
	for range edits / 2 {
		c.Change(docURI, lsptest.Edit{Start: at, End: at, Text: "x"})
		c.Change(docURI, lsptest.Edit{Start: at, End: at + 1})
	}
	if text, _ := c.Hover(docURI, strings.Index(c.Text(docURI), "scx_bpf_kick_cpu(other")); !strings.Contains(text, "scx_bpf_kick_cpu") {
		t.Errorf("hover: %q", text)
	}
	took := time.Since(begin)
	if ds := c.Diagnostics(docURI); len(ds) != 0 {
		t.Errorf("%+v", ds)
	}
	t.Logf("%d edits and a hover in %v: %.0f a second", edits, took, edits/took.Seconds())
}

// TestHugeDocument: a document beyond all measure costs time, not the session.
func TestHugeDocument(t *testing.T) {
	c, code := startReal(t)
	c.Initialize(nil)
	c.Open(docURI, strings.Repeat("/* comment ü */ int x;\n", hugeDocument/24+1))
	c.Open("file:///ws/b.bpf.c", "SEC(\"syscall\") int b(void *ctx) { scx_bpf_kick_cpu(0, 0); return 0; }\n")
	if text, _ := c.Hover("file:///ws/b.bpf.c", 36); !strings.Contains(text, "scx_bpf_kick_cpu") {
		t.Errorf("hover: %q", text)
	}
	c.CloseDoc(docURI)
	c.Shutdown()
	if got := exitCode(t, code); got != 0 {
		t.Errorf("exit code %d", got)
	}
}
