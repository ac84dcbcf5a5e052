package lsp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// A document is one version of an open document. It is immutable: a change
// makes a new one.
type document struct {
	uri     uri.URI
	path    string // how the core knows it
	version int32
	mapper  *mapper
	// stale says that a change could not be applied: the client's text is not
	// what we hold, and nothing may be said of it until the client sends all of
	// it again.
	stale bool
}

// maxAnalysed bounds what the core gets to see: no scheduler is larger, and
// the core must not be busy for seconds on the read goroutine.
const maxAnalysed = 16 << 20

func (d *document) tooLarge() bool { return len(d.mapper.content) > maxAnalysed }

// notFile begins the names of documents that are no files: no file has it.
const notFile = "/\x00"

// uriPath gives the name by which the core knows a document: an absolute,
// clean path with slashes. The reverse is pathURI, but for spellings of a path
// that only an open document knows.
func uriPath(u uri.URI) string {
	if u.IsFile() {
		return path.Clean(filepath.ToSlash(u.FsPath()))
	}
	return notFile + url.PathEscape(u.String())
}

// fileURI reads a URI that a client gave as text.
func fileURI(text string) (uri.URI, error) {
	u, err := uri.Parse(text)
	switch {
	case err != nil:
		return "", err
	case !u.IsFile():
		return "", fmt.Errorf("%q is not the URI of a file", text)
	}
	return u, nil
}

func pathURI(p string) uri.URI {
	if rest, ok := strings.CutPrefix(p, notFile); ok {
		if u, err := url.PathUnescape(rest); err == nil {
			return uri.URI(u)
		}
	}
	return uri.File(p)
}

// mayHoldBPF tells whether a document can be a scheduler, cheaply: clients
// that attach us to every C file must not pay for it.
func mayHoldBPF(p string, content []byte) bool {
	if strings.HasSuffix(p, ".bpf.c") || strings.HasSuffix(p, ".bpf.h") {
		return true
	}
	for _, mark := range []string{"SEC(", "BPF_STRUCT_OPS", "scx_bpf_", "SCX_OPS_DEFINE", "BPF_PROG("} {
		if bytes.Contains(content, []byte(mark)) {
			return true
		}
	}
	return false
}

// changeParams are the parameters of didChange. protocol's own type cannot
// tell `"range": null`, which means the whole document, from an insertion at
// 0:0, and refuses the `"version": null` of older clients.
type changeParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version *int32 `json:"version"`
	} `json:"textDocument"`
	ContentChanges []contentChange `json:"contentChanges"`
}

type contentChange struct {
	Range *struct {
		Start changePos `json:"start"`
		End   changePos `json:"end"`
	} `json:"range"`
	Text *string `json:"text"`
}

type changePos struct {
	Line      *uint32 `json:"line"`
	Character *uint32 `json:"character"`
}

var errIncomplete = errors.New("a change lacks its text or a position")

// decodeChange gives the parameters and, as far as it can be told, the
// document that they are for, even when the rest is of no use.
func decodeChange(params []byte) (changeParams, uri.URI, error) {
	var p changeParams
	err := json.Unmarshal(params, &p)
	raw := p.TextDocument.URI
	if err != nil {
		var rescue struct {
			TextDocument struct {
				URI string `json:"uri"`
			} `json:"textDocument"`
		}
		if json.Unmarshal(params, &rescue) == nil {
			raw = rescue.TextDocument.URI
		}
	}
	u, uriErr := uri.Parse(raw)
	if err == nil && uriErr != nil {
		err = fmt.Errorf("uri %q: %w", raw, uriErr)
	}
	return p, u, err
}

// apply gives the document after the changes. On an error nothing has
// happened.
func (d *document) apply(p changeParams) (*document, error) {
	next := *d
	for _, c := range p.ContentChanges {
		if c.Text == nil {
			return nil, errIncomplete
		}
		if c.Range == nil {
			next.mapper = newMapper([]byte(*c.Text), d.mapper.enc)
			next.stale = false
			continue
		}
		if next.stale {
			return nil, fmt.Errorf("document %s is stale", d.uri)
		}
		start, end := c.Range.Start, c.Range.End
		if start.Line == nil || start.Character == nil || end.Line == nil || end.Character == nil {
			return nil, errIncomplete
		}
		span := next.mapper.RangeSpan(protocol.Range{
			Start: protocol.Position{Line: *start.Line, Character: *start.Character},
			End:   protocol.Position{Line: *end.Line, Character: *end.Character},
		})
		next.mapper = next.mapper.replace(span, *c.Text)
	}
	if p.TextDocument.Version != nil {
		next.version = *p.TextDocument.Version
	}
	return &next, nil
}
