package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
	"github.com/scx-lsp/scx-lsp/lsp/words"
)

// How completion behaves; clients set it as "completion".
const (
	completeAllowed = "auto" // kfuncs that are allowed here
	completeAll     = "all"  // refused ones as well, last, with the reason
	completeOff     = "off"
)

// completionTriggers begin the name of a member, an argument and a section.
var completionTriggers = []string{".", "(", "\""}

// Completion implements [protocol.Server]. It offers what clangd, on the same
// text, cannot: of all kfuncs those that kernels allow here, ops members with
// the programs to go with them, constants that a kfunc takes, sections.
func (s *methods) Completion(ctx context.Context, p *protocol.CompletionParams) (protocol.CompletionResult, error) {
	if s.completion() == completeOff || !s.enabled(featureCompletion) {
		return nil, nil
	}
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || doc.tooLarge() || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, err
	}
	c := &completer{s: s.Server, ctx: ctx, doc: doc, off: doc.mapper.PositionOffset(p.Position)}
	c.asked = p.Context.TriggerKind == protocol.CompletionTriggerKindInvoked
	ident, span := s.analyzer.IdentAt(doc.mapper.content, c.off)
	c.prefix = ident[:max(0, min(c.off-span.Start, len(ident)))]
	c.start = c.off - len(c.prefix)
	c.kernels, c.snippets = s.analyzer.Kernels(), s.clientTakesSnippets()
	items := c.items()
	if items == nil {
		return nil, ctx.Err()
	}
	return &protocol.CompletionList{Items: items}, ctx.Err()
}

func (s *Server) completion() string {
	if mode, ok := s.completionMode.Load().(string); ok {
		return mode
	}
	if s.analyzer.Config("").Completion.Refused == "last" {
		return completeAll
	}
	return completeAllowed
}

func (s *Server) clientTakesSnippets() bool {
	td := s.caps.TextDocument
	if td == nil || td.Completion == nil || td.Completion.CompletionItem == nil {
		return false
	}
	snippets := td.Completion.CompletionItem.SnippetSupport
	return snippets != nil && *snippets
}

// A completer is one question: what may come at an offset?
type completer struct {
	s   *Server
	ctx context.Context
	doc *document

	off, start int    // where the cursor is, and where the word before it begins
	prefix     string // that word
	asked      bool   // the user asked, rather than typed

	kernels  []*btfdb.Kernel
	snippets bool
	file     *syntax.File
}

// items tells what may come; nil when that is not for us to say.
func (c *completer) items() []protocol.CompletionItem {
	content := c.doc.mapper.content
	if !codeAt(content, c.off) {
		return c.sections()
	}
	if items := c.programs(); items != nil {
		return items
	}
	c.file = c.s.outlines.Parse(content)
	if d, ok := c.file.DeclAt(c.off); ok && d.Kind == syntax.KindTable && within(d.Body, c.off) {
		return c.table(&d)
	} else if !ok || d.Kind != syntax.KindFunc || !within(d.Body, c.off) {
		if items := c.externs(); items != nil {
			return items
		}
	}
	if behindAccess(content, c.start) {
		return nil
	}
	if items := c.arguments(); items != nil || strings.HasPrefix(c.prefix, "SCX_") {
		return items
	}
	return c.kfuncs()
}

// within tells whether an offset is between the brackets of a body.
func within(body cindex.Span, off int) bool { return body.Start < off && off < body.End }

// line gives the text of the line up to an offset.
func (c *completer) line() string {
	content := c.doc.mapper.content[:c.off]
	for i := len(content) - 1; i >= 0; i-- {
		if content[i] == '\n' {
			return string(content[i+1:])
		}
	}
	return string(content)
}

// behind tells whether a text comes right behind the cursor.
func (c *completer) behind(text string) bool {
	return strings.HasPrefix(string(c.doc.mapper.content[c.off:min(len(c.doc.mapper.content), c.off+len(text))]), text)
}

// item makes an item that stands for the text from an offset to the cursor.
// The plain text is for clients without snippets.
func (c *completer) item(label string, kind protocol.CompletionItemKind, from int, plain, snippet string) protocol.CompletionItem {
	text, format := plain, protocol.InsertTextFormatPlainText
	if c.snippets && snippet != "" {
		text, format = snippet, protocol.InsertTextFormatSnippet
	}
	return protocol.CompletionItem{
		Label: label, Kind: kind, InsertTextFormat: format, SortText: protocol.NewOptional("0" + label),
		TextEdit: &protocol.TextEdit{
			Range: c.doc.mapper.SpanRange(cindex.Span{Start: from, End: c.off}), NewText: text,
		},
	}
}

// describe puts a few words behind the label of an item.
func describe(item *protocol.CompletionItem, description string) {
	if description != "" {
		item.LabelDetails = &protocol.CompletionItemLabelDetails{Description: &description}
	}
}

// since says on which of the selected kernels something is, "" when on all.
func (c *completer) since(has func(*btfdb.Kernel) bool) string {
	var some []*btfdb.Kernel
	for _, k := range c.kernels {
		if has(k) {
			some = append(some, k)
		}
	}
	if len(some) == len(c.kernels) || len(some) == 0 {
		return ""
	}
	return releases(some, c.kernels)
}

// completionData finds again what an item is about.
type completionData struct {
	Kfunc  string `json:"kfunc,omitempty"`
	Member string `json:"member,omitempty"` // with its type
	Value  string `json:"value,omitempty"`
}

func (d completionData) encode() protocol.LSPAny {
	data, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	return data
}

// CompletionResolve implements [protocol.Server]: the documentation is what
// hover says.
func (s *methods) CompletionResolve(_ context.Context, item *protocol.CompletionItem) (*protocol.CompletionItem, error) {
	var data completionData
	if json.Unmarshal(item.Data, &data) != nil {
		return item, nil
	}
	kernels, text := s.analyzer.Kernels(), ""
	if facts := kfuncFacts(kernels, data.Kfunc); data.Kfunc != "" && facts != nil {
		text = renderKfunc(facts)
	} else if ops, name, ok := strings.Cut(data.Member, "."); ok {
		text = renderMember(memberFacts(kernels, &opsMember{ops, name}))
	} else if words.Value(data.Value) != "" {
		text = renderValue(kernels, data.Value)
	}
	if text != "" {
		item.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text}
	}
	return item, nil
}
