package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

// Hover implements [protocol.Server].
func (s *methods) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil {
		return nil, err
	}
	span := s.analyzer.IdentAt([]byte(doc.mapper.content), doc.mapper.PositionOffset(p.Position))
	if span.Start >= span.End {
		return nil, ctx.Err()
	}
	return nil, ctx.Err()
}
