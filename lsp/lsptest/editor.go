package lsptest

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// A Position is an LSP position.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A Range is an LSP range.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Location is an LSP location.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// A Published is one publishDiagnostics notification.
type Published struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// A Diagnostic is an LSP diagnostic.
type Diagnostic struct {
	Range    Range  `json:"range"`
	Severity int    `json:"severity"`
	Tags     []int  `json:"tags"`
	Code     string `json:"code"`
	Source   string `json:"source"`
	Message  string `json:"message"`
	Href     struct {
		Href string `json:"href"`
	} `json:"codeDescription"`
	Related []struct {
		Location Location `json:"location"`
		Message  string   `json:"message"`
	} `json:"relatedInformation"`
	Data json.RawMessage `json:"data"`
}

// Initialize makes the server ready, offering position encodings in this
// order (none: the client says nothing of them), and gives its capabilities.
func (c *Client) Initialize(options any, encodings ...string) map[string]any {
	c.tb.Helper()
	general := map[string]any{}
	if len(encodings) > 0 {
		general["positionEncodings"] = encodings
	}
	var result struct {
		Capabilities map[string]any `json:"capabilities"`
	}
	params := map[string]any{
		"processId": nil, "rootUri": nil, "initializationOptions": options,
		"clientInfo": map[string]any{"name": "lsptest", "version": "1"},
		"capabilities": map[string]any{
			"general":   general,
			"workspace": map[string]any{"configuration": true},
			"textDocument": map[string]any{
				"publishDiagnostics": map[string]any{"relatedInformation": true, "versionSupport": true},
				"documentSymbol":     map[string]any{"hierarchicalDocumentSymbolSupport": true},
			},
		},
	}
	merge(params, c.Extra)
	if err := c.Call("initialize", params, &result); err != nil {
		c.tb.Fatalf("initialize: %v", err)
	}
	if enc, ok := result.Capabilities["positionEncoding"].(string); ok {
		c.Encoding = enc
	}
	c.Notify("initialized", map[string]any{})
	return result.Capabilities
}

// merge sets what extra has in params, member by member.
func merge(params, extra map[string]any) {
	for name, value := range extra {
		have, ok := params[name].(map[string]any)
		more, also := value.(map[string]any)
		if ok && also {
			merge(have, more)
		} else {
			params[name] = value
		}
	}
}

// Open opens a document.
func (c *Client) Open(uri, text string) {
	c.mu.Lock()
	c.docs[uri] = &doc{version: 1, text: text}
	c.mu.Unlock()
	c.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": "c", "version": 1, "text": text,
	}})
}

// An Edit replaces the bytes [Start, End) of the text at its turn.
type Edit struct {
	Start, End int
	Text       string
}

// Change edits a document; all edits go in one notification, each based on
// the text that the one before it left.
func (c *Client) Change(uri string, edits ...Edit) {
	c.mu.Lock()
	d := c.docs[uri]
	changes := []any{}
	for _, e := range edits {
		changes = append(changes, map[string]any{
			"range": Range{PositionAt(d.text, e.Start, c.Encoding), PositionAt(d.text, e.End, c.Encoding)},
			"text":  e.Text,
		})
		d.text = d.text[:e.Start] + e.Text + d.text[e.End:]
	}
	c.mu.Unlock()
	c.change(uri, d, changes)
}

// Replace sends a document's whole text.
func (c *Client) Replace(uri, text string) {
	c.mu.Lock()
	d := c.docs[uri]
	d.text = text
	c.mu.Unlock()
	c.change(uri, d, []any{map[string]any{"text": text}})
}

func (c *Client) change(uri string, d *doc, changes []any) {
	d.version++
	c.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": d.version},
		"contentChanges": changes,
	})
}

// Substitute replaces the only place of a document that holds old.
func (c *Client) Substitute(uri, old, text string) {
	c.tb.Helper()
	t := c.Text(uri)
	if n := strings.Count(t, old); n != 1 {
		c.tb.Fatalf("%q occurs %d times in %s", old, n, uri)
	}
	at := strings.Index(t, old)
	c.Change(uri, Edit{at, at + len(old), text})
}

// CloseDoc closes a document.
func (c *Client) CloseDoc(uri string) {
	c.mu.Lock()
	delete(c.docs, uri)
	c.mu.Unlock()
	c.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
}

// Text gives the client's text of a document.
func (c *Client) Text(uri string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.docs[uri]; d != nil {
		return d.text
	}
	return ""
}

// Diagnostics waits for the diagnostics of the current version of an open
// document.
func (c *Client) Diagnostics(uri string) []Diagnostic {
	c.tb.Helper()
	var last Published
	ok := c.until(func() bool {
		d, all := c.docs[uri], c.published[uri]
		if d == nil || len(all) == 0 {
			return false
		}
		last = all[len(all)-1]
		return last.Version != nil && *last.Version == d.version
	})
	if !ok {
		c.tb.Fatalf("no diagnostics for the current version of %s (%v)", uri, c.err())
	}
	return last.Diagnostics
}

// Published waits until what was last published for a file, open or not,
// meets a condition.
func (c *Client) Published(uri string, cond func(Published) bool) []Diagnostic {
	c.tb.Helper()
	var last Published
	ok := c.until(func() bool {
		all := c.published[uri]
		if len(all) == 0 {
			return false
		}
		last = all[len(all)-1]
		return cond(last)
	})
	if !ok {
		c.tb.Fatalf("%s: not what was awaited: %+v (%v)", uri, last, c.err())
	}
	return last.Diagnostics
}

// History gives all that was published for a file so far.
func (c *Client) History(uri string) []Published {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Published(nil), c.published[uri]...)
}

// At makes the parameters of a request about a place of a document.
func (c *Client) At(uri string, offset int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": uri},
		"position":     PositionAt(c.Text(uri), offset, c.Encoding),
	}
}

// Hover gives the hover text at an offset, "" for none.
func (c *Client) Hover(uri string, offset int) (string, *Range) {
	c.tb.Helper()
	var h *struct {
		Contents struct {
			Kind  string `json:"kind"`
			Value string `json:"value"`
		} `json:"contents"`
		Range *Range `json:"range"`
	}
	if err := c.Call("textDocument/hover", c.At(uri, offset), &h); err != nil {
		c.tb.Fatalf("hover: %v", err)
	}
	if h == nil {
		return "", nil
	}
	return h.Contents.Value, h.Range
}

// Shutdown ends the session in order.
func (c *Client) Shutdown() {
	c.tb.Helper()
	if err := c.Call("shutdown", nil, nil); err != nil {
		c.tb.Errorf("shutdown: %v", err)
	}
	c.Notify("exit", nil)
}

// PositionAt gives the position of a byte offset, the slow and plain way: it
// is what package lsp's own conversion is tested against.
func PositionAt(text string, offset int, encoding string) Position {
	before := text[:offset]
	if strings.Contains(before, "\r") {
		before = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(before)
	}
	if strings.HasSuffix(text[:offset], "\r") && strings.HasPrefix(text[offset:], "\n") {
		before = before[:len(before)-1] // between the two bytes of one line end
	}
	line := strings.Count(before, "\n")
	last := before[strings.LastIndexByte(before, '\n')+1:]
	return Position{line, Units(last, encoding)}
}

// OffsetAt is the reverse of PositionAt, for positions that a text has.
func OffsetAt(text string, p Position, encoding string) int {
	for off := range len(text) + 1 {
		if (off == len(text) || utf8.RuneStart(text[off])) && PositionAt(text, off, encoding) == p {
			return off
		}
	}
	return len(text)
}

// Units gives the length of a text in an encoding's units.
func Units(s, encoding string) int {
	switch encoding {
	case "utf-8":
		return len(s)
	case "utf-32":
		return utf8.RuneCountInString(s)
	}
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// ForgetHistory drops all but the last publication of every file.
func (c *Client) ForgetHistory() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for uri, all := range c.published {
		if len(all) > 1 {
			c.published[uri] = append([]Published(nil), all[len(all)-1])
		}
	}
}
