package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex/syntax"
)

// DocumentSymbol implements [protocol.Server]: the outline of a scheduler, as
// its author wrote it. It lists ops tables with what each member is set to, and
// programs under their own names, where clangd shows the macro around them.
// Everything else in the file is clangd's to list.
func (s *methods) DocumentSymbol(ctx context.Context, p *protocol.DocumentSymbolParams) (protocol.DocumentSymbolResult, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !mayHoldBPF(doc.path, doc.mapper.content) || !s.clientTakesTrees() {
		return nil, err
	}
	out := protocol.DocumentSymbolSlice{}
	file := s.outlines.Parse(doc.mapper.content)
	for _, d := range file.Decls() {
		switch {
		case d.Kind == syntax.KindTable:
			out = append(out, tableSymbol(doc.mapper, d))
		case d.Kind == syntax.KindFunc && (d.Wrapper != "" || d.Section != ""):
			out = append(out, symbol(doc.mapper, d, protocol.SymbolKindFunction, d.Wrapper+pick(d.Wrapper == "", d.Section)))
		}
	}
	return out, ctx.Err()
}

func pick(cond bool, s string) string {
	if cond {
		return s
	}
	return ""
}

func symbol(m *mapper, d syntax.Decl, kind protocol.SymbolKind, detail string) protocol.DocumentSymbol {
	return protocol.DocumentSymbol{
		Name: d.Name, Detail: new(detail), Kind: kind, Range: m.SpanRange(d.Span), SelectionRange: m.SpanRange(d.NameSpan),
	}
}

func tableSymbol(m *mapper, d syntax.Decl) protocol.DocumentSymbol {
	table := symbol(m, d, protocol.SymbolKindStruct, d.Type)
	for _, in := range d.Inits {
		if in.Member == "" {
			continue // still being typed
		}
		table.Children = append(table.Children, protocol.DocumentSymbol{
			Name: in.Member, Detail: new(string(m.content[in.ValueSpan.Start:in.ValueSpan.End])), Kind: protocol.SymbolKindField,
			Range: m.SpanRange(in.Span), SelectionRange: m.SpanRange(in.MemberSpan),
		})
	}
	return table
}

// clientTakesTrees tells whether the client knows symbols with children; the
// flat form is deprecated, and none of the clients that we know needs it.
func (s *Server) clientTakesTrees() bool {
	td := s.caps.TextDocument
	if td == nil || td.DocumentSymbol == nil {
		return false
	}
	trees := td.DocumentSymbol.HierarchicalDocumentSymbolSupport
	return trees != nil && *trees
}
