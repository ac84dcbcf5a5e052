package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
)

// maxHinted is how many contexts a hint names.
const maxHinted = 3

// InlayHint implements [protocol.Server]: at a helper's definition the
// contexts that it runs in, and behind a call of a kfunc that not all selected
// kernels have, those that do.
func (s *methods) InlayHint(ctx context.Context, p *protocol.InlayHintParams) ([]protocol.InlayHint, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureInlayHints) {
		return nil, err
	}
	unit, file := s.unitOf(ctx, doc)
	if unit == nil {
		return nil, ctx.Err()
	}
	span := doc.mapper.RangeSpan(p.Range)
	out := []protocol.InlayHint{}
	outline := s.outlines.Parse(doc.mapper.content)
	for _, d := range outline.Decls() {
		if d.Kind != syntax.KindFunc || d.Body.Start < span.Start || span.End < d.Body.Start || ctx.Err() != nil {
			continue
		}
		if fn := unit.Func(d.Name); fn != nil && fn.At.File == file && !isProgram(unit, d.Name) {
			if hint, ok := s.contextHint(ctx, unit, fn); ok {
				hint.Position = doc.mapper.OffsetPosition(endOfHead(doc.mapper.content, d.Body.Start))
				out = append(out, hint)
			}
		}
	}
	kernels := s.analyzer.Kernels()
	for _, call := range outline.CallsIn(span) {
		if label := lackingLabel(kernels, call.Name); label != "" && call.Closed && unit.Func(call.Name) == nil {
			out = append(out, protocol.InlayHint{
				Position: doc.mapper.OffsetPosition(call.Span.End), Label: protocol.String(label), PaddingLeft: new(true),
				Tooltip: protocol.String(call.Name + " is not in all selected kernels"),
			})
		}
	}
	return out, ctx.Err()
}

// endOfHead gives the end of what comes before a body.
func endOfHead(content []byte, body int) int {
	return len(strings.TrimRight(string(content[:body]), " \t\r\n"))
}

// contextHint says in what contexts a function runs.
func (s *Server) contextHint(ctx context.Context, u *cindex.Unit, fn *cindex.Func) (protocol.InlayHint, bool) {
	ways := s.ways(ctx, u, fn)
	names := contextNames(ways)
	if len(names) == 0 {
		return protocol.InlayHint{}, false
	}
	label := "← " + strings.Join(names[:min(len(names), maxHinted)], ", ")
	if more := len(names) - maxHinted; more > 0 {
		label += fmt.Sprintf(" and %d more", more)
	}
	return protocol.InlayHint{
		Label: protocol.String(label), PaddingLeft: new(true),
		Tooltip: &protocol.MarkupContent{
			Kind: protocol.MarkupKindMarkdown, Value: strings.TrimPrefix(renderReached(fn.Name, ways, s.analyzer.Kernels()), rule),
		},
	}, true
}

// lackingLabel names the kernels that have a kfunc, "" when all or none do.
func lackingLabel(kernels []*btfdb.Kernel, name string) string {
	name, _, _ = strings.Cut(name, "___")
	var have []*btfdb.Kernel
	for _, k := range kernels {
		if newestKfunc([]*btfdb.Kernel{k}, name) != nil {
			have = append(have, k)
		}
	}
	if len(have) == 0 || len(have) == len(kernels) {
		return ""
	}
	return strings.TrimPrefix(releases(have, kernels), "Linux ")
}
