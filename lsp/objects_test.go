package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

// TestObjects: what only a built object shows joins the findings of its source
// when the object appears, and goes when the source is edited.
func TestObjects(t *testing.T) {
	dir := t.TempDir()
	uri := func(name string) string { return "file://" + filepath.ToSlash(filepath.Join(dir, name)) }
	built := time.Now().Add(-time.Hour)
	put := func(name, as string, at time.Time) string {
		raw, err := os.ReadFile("../verifier/object/testdata/" + name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, as)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, as), raw, 0o600)
		}
		if err == nil {
			err = os.Chtimes(filepath.Join(dir, as), at, at)
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, name := range []string{"tiny.h", "fifo.h"} {
		put(name, name, built.Add(-time.Minute))
	}
	text := put("deep_stack.bpf.c", "deep_stack.bpf.c", built.Add(-time.Minute))
	c, _ := startReal(t)
	c.Initialize(nil)
	main, header := uri("deep_stack.bpf.c"), uri("fifo.h")
	c.Open(main, text)
	c.Diagnostics(main)
	shows := func(p lsptest.Published) bool {
		return len(p.Diagnostics) == 1 && p.Diagnostics[0].Code == "object-stack" && p.Diagnostics[0].Range.Start.Line == 44
	}
	clean := func(p lsptest.Published) bool { return len(p.Diagnostics) == 0 }
	changed := func(name string) {
		c.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uri(name), "type": 2}}})
	}

	// An object that is older than a header is of no use.
	put("deep_stack.bpf.o", "build/deep.bpf.o", built.Add(-time.Hour))
	changed("build/deep.bpf.o")
	c.Diagnostics(main)
	put("deep_stack.bpf.o", "build/deep.bpf.o", built)
	changed("build/deep.bpf.o")
	got := c.Published(header, shows)
	if related := got[0].Message; !strings.Contains(related, "512") {
		t.Errorf("%q", related)
	}

	c.Change(main, lsptest.Edit{Text: "// edited\n"})
	c.Published(header, clean)
	c.Substitute(main, "// edited\n", "")
	c.Published(header, shows)
	if err := os.Remove(filepath.Join(dir, "build/deep.bpf.o")); err != nil {
		t.Fatal(err)
	}
	changed("build/deep.bpf.o")
	c.Published(header, clean)
	for _, p := range c.History(header)[:1] {
		if !shows(p) {
			t.Errorf("%s was told of before there was an object: %+v", header, p.Diagnostics)
		}
	}
}
