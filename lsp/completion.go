package lsp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// How completion behaves; clients set it as "completion".
const (
	completeAllowed = "auto" // kfuncs that are allowed here
	completeAll     = "all"  // refused ones as well, last, with the reason
	completeOff     = "off"
)

// Completion implements [protocol.Server]. It offers kfuncs, and of these only
// what all kernels allow in all contexts that reach the function: clangd, on
// the same text, offers everything that is declared.
func (s *methods) Completion(ctx context.Context, p *protocol.CompletionParams) (protocol.CompletionResult, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || s.completion() == completeOff {
		return nil, err
	}
	off := doc.mapper.PositionOffset(p.Position)
	ident, span := s.analyzer.IdentAt(doc.mapper.content, off)
	prefix := ident[:max(0, min(off-span.Start, len(ident)))]
	if !worthCompleting(prefix, p.Context) || !codeAt(doc.mapper.content, off) {
		return nil, nil
	}
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || !doc.mapper.sameContent(unit.Main.Content) {
		return nil, ctx.Err()
	}
	fn := functionAt(unit, off)
	if fn == nil {
		return nil, nil
	}
	q := completionQuery{kernels: s.analyzer.Kernels(), contexts: contextsOf(unit, fn), all: s.completion() == completeAll}
	q.snippets = s.clientTakesSnippets() && !bytes.HasPrefix(doc.mapper.content[off:], []byte("("))
	q.replace = doc.mapper.SpanRange(cindex.Span{Start: span.Start, End: off})
	list := &protocol.CompletionList{Items: []protocol.CompletionItem{}}
	for _, c := range q.candidates(prefix) {
		list.Items = append(list.Items, q.item(c))
	}
	return list, ctx.Err()
}

// worthCompleting tells whether to answer: to one who has begun to type a
// kfunc's name, or who asks for it.
func worthCompleting(prefix string, c protocol.CompletionContext) bool {
	if prefix == "" {
		return c.TriggerKind == protocol.CompletionTriggerKindInvoked
	}
	return true
}

func (s *Server) completion() string {
	if mode, ok := s.completionMode.Load().(string); ok {
		return mode
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

// A completionQuery is what all items of one answer share.
type completionQuery struct {
	kernels  []*btfdb.Kernel
	contexts []callContext
	all      bool
	snippets bool
	replace  protocol.Range
}

// A candidate is a kfunc by the name that sources call it by.
type candidate struct {
	name    string
	newest  *btfdb.Kfunc
	refused string // "", or why it is refused
}

// candidates lists the kfuncs that begin with a prefix, allowed ones first.
func (q *completionQuery) candidates(prefix string) []candidate {
	var out []candidate
	seen := map[string]bool{}
	for _, k := range slices.Backward(q.kernels) {
		for _, f := range k.Kfuncs() {
			name, _, _ := strings.Cut(f.Name, "___")
			// Names that begin with an underscore are for wrappers to call.
			if seen[name] || !strings.HasPrefix(name, prefix) || !strings.HasPrefix(name, "scx_bpf_") && prefix == "" || name[0] == '_' {
				continue
			}
			seen[name] = true
			c := candidate{name: name, newest: f, refused: q.refusal(f.Name)}
			if c.refused == "" || q.all {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		if (a.refused == "") != (b.refused == "") {
			return strings.Compare(a.refused, b.refused) // "" first
		}
		return cmp.Compare(a.name, b.name)
	})
	return out
}

// refusal tells why some kernel refuses a kfunc in some context, "" if none
// does. What a kernel cannot tell is no reason.
func (q *completionQuery) refusal(kfunc string) string {
	for _, k := range slices.Backward(q.kernels) {
		if k.Kfunc(kfunc) == nil {
			return "not in Linux " + k.Release
		}
		for _, c := range q.contexts {
			ctx, ok := c.on(k)
			if !ok {
				continue
			}
			if v := k.Query(ctx, kfunc); v.Refused() {
				return fmt.Sprintf("%s: %s on Linux %s", c.root.Name, v.Outcome, k.Release)
			}
		}
	}
	return ""
}

func (q *completionQuery) item(c candidate) protocol.CompletionItem {
	text := c.name
	format := protocol.InsertTextFormatPlainText
	if q.snippets {
		text, format = snippet(c), protocol.InsertTextFormatSnippet
	}
	data, _ := json.Marshal(completionData{Kfunc: c.newest.Name})
	item := protocol.CompletionItem{
		Label:            c.name,
		LabelDetails:     &protocol.CompletionItemLabelDetails{Description: new(q.where(c))},
		Kind:             protocol.CompletionItemKindFunction,
		Detail:           protocol.NewOptional(c.newest.Proto),
		SortText:         protocol.NewOptional("0" + c.name),
		InsertTextFormat: format,
		TextEdit:         &protocol.TextEdit{Range: q.replace, NewText: text},
		Data:             data,
	}
	if c.refused != "" {
		item.SortText = protocol.NewOptional("9" + c.name)
		item.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
	}
	return item
}

// where says in a few words for what an item was judged.
func (q *completionQuery) where(c candidate) string {
	if c.refused != "" {
		return c.refused
	}
	all := make([]string, 0, len(q.contexts))
	for _, ctx := range q.contexts {
		_, member, _ := strings.Cut(ctx.root.Name, ".")
		all = append(all, cmp.Or(member, ctx.root.Name))
	}
	all = slices.Compact(all)
	switch len(all) {
	case 0:
		return "kfunc"
	case 1, 2:
		return strings.Join(all, ", ") + " ✓"
	}
	return fmt.Sprintf("%s and %d more ✓", all[0], len(all)-1)
}

// snippet gives a call with a place to fill in for each parameter.
func snippet(c candidate) string {
	var args []string
	for i, p := range c.newest.Params() {
		args = append(args, fmt.Sprintf("${%d:%s}", i+1, cmp.Or(p.Name, fmt.Sprintf("arg%d", i+1))))
	}
	return c.name + "(" + strings.Join(args, ", ") + ")$0"
}

// completionData finds an item's kfunc again.
type completionData struct {
	Kfunc string `json:"kfunc"`
}

// CompletionResolve implements [protocol.Server]: the documentation is what
// hover says.
func (s *methods) CompletionResolve(_ context.Context, item *protocol.CompletionItem) (*protocol.CompletionItem, error) {
	var data completionData
	if json.Unmarshal(item.Data, &data) == nil && data.Kfunc != "" {
		if facts := kfuncFacts(s.analyzer.Kernels(), data.Kfunc); facts != nil {
			item.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: renderKfunc(facts)}
		}
	}
	return item, nil
}
