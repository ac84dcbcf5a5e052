package lsp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scx-lsp/scx-lsp/lsp/lsptest"
)

// scraps are what random edits insert; BAD makes the text visible to the test
// through the diagnostics.
var scraps = []string{"", "x", "BAD ", "ü", "𝄞", "\n", "\r\n", "\r", "BAD(ü);\n", "/* 𝄞 */", "SEC(\n", "\n\n\r\n\r"}

// randomEdit replaces a random part of the text, at character boundaries.
func randomEdit(r *rand.Rand, text string) lsptest.Edit {
	at := func() int {
		off := r.IntN(len(text) + 1)
		for off < len(text) && !utf8.RuneStart(text[off]) {
			off--
		}
		return off
	}
	e := lsptest.Edit{Start: at(), Text: scraps[r.IntN(len(scraps))]}
	e.End = e.Start
	if r.IntN(2) == 0 {
		e.End = at()
		e.Start, e.End = min(e.Start, e.End), max(e.Start, e.End)
		if e.End-e.Start > 12 {
			e.End = e.Start
		}
	}
	// A line end is one thing for an editor.
	for _, p := range []*int{&e.Start, &e.End} {
		if *p > 0 && *p < len(text) && text[*p-1] == '\r' && text[*p] == '\n' {
			*p++
		}
	}
	return e
}

// TestRandomEdits runs random edit scripts: afterwards the server holds the
// client's text, and says of it what a fresh server says.
func TestRandomEdits(t *testing.T) {
	for _, enc := range []string{"utf-8", "utf-16", "utf-32"} {
		t.Run(enc, func(t *testing.T) {
			a := newFake()
			c, _ := start(t, a)
			c.Initialize(nil, enc)
			for seed := range uint64(12) {
				r := rand.New(rand.NewPCG(seed, 1))
				uri := fmt.Sprintf("file:///ws/%d.bpf.c", seed)
				c.Open(uri, "/* ü𝄞 */ BAD x\r\nSEC( BAD\n")
				for range 60 {
					var edits []lsptest.Edit
					text := c.Text(uri)
					for range 1 + r.IntN(3) {
						e := randomEdit(r, text)
						text = text[:e.Start] + e.Text + text[e.End:]
						edits = append(edits, e)
					}
					c.Change(uri, edits...)
				}
				got := c.Diagnostics(uri)
				a.mu.Lock()
				server := string(a.overlay[strings.TrimPrefix(uri, "file://")])
				a.mu.Unlock()
				if server != c.Text(uri) {
					t.Fatalf("seed %d: the server has\n%q, the client\n%q", seed, server, c.Text(uri))
				}
				fresh, _ := start(t, newFake())
				fresh.Initialize(nil, enc)
				fresh.Open(uri, c.Text(uri))
				if want := fresh.Diagnostics(uri); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
					t.Fatalf("seed %d: %+v, a fresh server says %+v", seed, got, want)
				}
				fresh.Close()
			}
		})
	}
}

func change(uri string, version any, changes ...any) map[string]any {
	return map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": version},
		"contentChanges": changes,
	}
}

func ranged(l0, c0, l1, c1 any, text any) map[string]any {
	m := map[string]any{"range": map[string]any{
		"start": map[string]any{"line": l0, "character": c0},
		"end":   map[string]any{"line": l1, "character": c1},
	}}
	if text != nil {
		m["text"] = text
	}
	return m
}

// TestChangeForms has the forms of didChange that clients are known to send.
func TestChangeForms(t *testing.T) {
	for _, tt := range []struct {
		name   string
		params map[string]any
		want   string
	}{
		{"insertion at the start", change(docURI, 2, ranged(0, 0, 0, 0, "AB")), "ABone\ntwo\n"},
		{"whole document", change(docURI, 2, map[string]any{"text": "w"}), "w"},
		{"range null is the whole document", change(docURI, 2, map[string]any{"text": "w", "range": nil}), "w"},
		{"version null", change(docURI, nil, map[string]any{"text": "w"}), "w"},
		{"version that goes backwards", change(docURI, -3, ranged(0, 0, 0, 3, "w")), "w\ntwo\n"},
		{"end far behind the document", change(docURI, 2, ranged(0, 0, 99999, 0, "w")), "w"},
		{"end before start", change(docURI, 2, ranged(1, 0, 0, 0, "w")), "wtwo\n"},
		{"no change", change(docURI, 2), "one\ntwo\n"},
		{"several", change(docURI, 2, ranged(0, 0, 0, 0, "x"), ranged(0, 1, 0, 1, "y")), "xyone\ntwo\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newFake()
			c, _ := start(t, a)
			c.Initialize(nil)
			c.Open(docURI, "one\ntwo\n")
			c.Notify("textDocument/didChange", tt.params)
			wantAlive(t, c, 5)
			a.mu.Lock()
			defer a.mu.Unlock()
			if got := string(a.overlay["/ws/a.bpf.c"]); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestLostTrack: a change that cannot be applied takes the document out of
// service until the client sends all of it.
func TestLostTrack(t *testing.T) {
	for name, bad := range map[string]any{
		"negative line":      change(docURI, 2, ranged(-1, 0, 0, 0, "x")),
		"fraction":           change(docURI, 2, ranged(0, 0.5, 0, 1, "x")),
		"no text":            change(docURI, 2, ranged(0, 0, 0, 0, nil)),
		"no character":       change(docURI, 2, ranged(0, nil, 0, 0, "x")),
		"changes of a shape": change(docURI, 2, 7),
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := start(t, newFake())
			c.Initialize(nil)
			c.Open(docURI, "BAD SEC(")
			if d := c.Diagnostics(docURI); len(d) != 1 {
				t.Fatalf("diagnostics: %+v", d)
			}
			c.Notify("textDocument/didChange", bad)
			c.Published(docURI, func(p lsptest.Published) bool { return len(p.Diagnostics) == 0 })
			c.Notify("textDocument/didChange", change(docURI, 3, ranged(0, 0, 0, 0, "BAD ")))
			c.Replace(docURI, "BAD BAD")
			c.Published(docURI, func(p lsptest.Published) bool { return len(p.Diagnostics) == 2 })
			if n := len(c.Notes("window/showMessage")); !c.Await("window/showMessage", 1) || n > 1 {
				t.Errorf("%d messages to the user", n)
			}
		})
	}
}
