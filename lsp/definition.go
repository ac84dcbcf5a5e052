package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// Definition implements [protocol.Server] for what clangd does not know: from
// the name of an ops member in a table to the function behind it, and from the
// name of such a function to the members that it stands for.
func (s *methods) Definition(ctx context.Context, p *protocol.DefinitionParams) (protocol.DefinitionResult, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil {
		return nil, err
	}
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || !doc.mapper.sameContent(unit.Main.Content) {
		return nil, ctx.Err()
	}
	c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
	var out protocol.LocationSlice
	for _, at := range counterparts(unit, doc.mapper.PositionOffset(p.Position)) {
		out = append(out, c.location(at))
	}
	if out == nil {
		return nil, ctx.Err()
	}
	return out, ctx.Err()
}

// counterparts gives what an offset of the main source stands for on the other
// side of an ops table.
func counterparts(u *cindex.Unit, off int) []cindex.Loc {
	holds := func(l cindex.Loc) bool {
		return l.File == u.Main && l.Span.Start <= off && off <= l.Span.End
	}
	var out []cindex.Loc
	for _, table := range u.Tables {
		for _, init := range table.Inits {
			fn := u.Func(init.Func)
			switch {
			case init.Func == "" || fn == nil:
			case holds(init.At):
				out = append(out, fn.At)
			case holds(fn.At):
				out = append(out, init.At)
			}
		}
	}
	return out
}
