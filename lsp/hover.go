package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

// Hover implements [protocol.Server]. It adds what clangd cannot know and
// stays silent about everything else.
func (s *methods) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil {
		return nil, err
	}
	off := doc.mapper.PositionOffset(p.Position)
	ident, span := s.analyzer.IdentAt(doc.mapper.content, off)
	if ident == "" {
		return nil, ctx.Err()
	}
	var text string
	kernels := s.analyzer.Kernels()
	if facts := kfuncFacts(kernels, ident); facts != nil {
		text = renderKfunc(facts) + s.here(ctx, doc, span.Start, kernels, facts[0].name)
	} else if member := s.memberAt(ctx, doc, span); member != nil {
		text = renderMember(memberFacts(kernels, member))
	}
	if text == "" {
		return nil, ctx.Err()
	}
	return &protocol.Hover{
		Contents: &protocol.MarkupContent{Kind: s.markup(), Value: text},
		Range:    new(doc.mapper.SpanRange(span)),
	}, ctx.Err()
}

// markup is the first format of the client's that we have.
func (s *Server) markup() protocol.MarkupKind {
	if td := s.caps.TextDocument; td != nil && td.Hover != nil {
		for _, kind := range td.Hover.ContentFormat {
			if kind == protocol.MarkupKindMarkdown || kind == protocol.MarkupKindPlainText {
				return kind
			}
		}
	}
	return protocol.MarkupKindMarkdown
}

// A kfuncOn is what one kernel says of a kfunc.
type kfuncOn struct {
	name   string
	kernel *btfdb.Kernel
	kfunc  *btfdb.Kfunc // nil: the kernel has none
	places []btfdb.Place
}

// kfuncFacts looks a name up in all kernels; nil when none has such a kfunc.
// A flavour (X___compat) stands for the kernel's X.
func kfuncFacts(kernels []*btfdb.Kernel, name string) []kfuncOn {
	if base, _, ok := strings.Cut(name, "___"); ok && base != "" {
		name = base
	}
	var out []kfuncOn
	found := false
	for _, k := range kernels {
		on := kfuncOn{name: name, kernel: k, kfunc: k.Kfunc(name)}
		if on.kfunc != nil {
			found = true
			on.places = k.AllowedIn(name)
		}
		out = append(out, on)
	}
	if !found {
		return nil
	}
	return out
}

// here says whether the function at an offset may call a kfunc, "" when it is
// not known who calls that function.
func (s *Server) here(ctx context.Context, doc *document, off int, kernels []*btfdb.Kernel, kfunc string) string {
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || !doc.mapper.sameContent(unit.Main.Content) {
		return ""
	}
	fn := functionAt(unit, off)
	if fn == nil {
		return ""
	}
	q := completionQuery{kernels: kernels, contexts: contextsOf(unit, fn)}
	if len(q.contexts) == 0 {
		return ""
	}
	return renderHere(fn.Name, q.where(candidate{name: kfunc, refused: q.refusal(kfunc)}))
}

// An opsMember is a member that an ops table of the source names.
type opsMember struct{ ops, member string }

// memberAt finds the member whose name in an ops table is at span.
func (s *Server) memberAt(ctx context.Context, doc *document, span cindex.Span) *opsMember {
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil || unit.Main == nil || !doc.mapper.sameContent(unit.Main.Content) {
		return nil // gone, or edited since
	}
	for _, table := range unit.Tables {
		for _, init := range table.Inits {
			if init.At.File == unit.Main && init.At.Span.Start < span.End && span.Start < init.At.Span.End {
				return &opsMember{table.Type, init.Member}
			}
		}
	}
	return nil
}

// A memberOn is what one kernel says of an ops member.
type memberOn struct {
	kernel *btfdb.Kernel
	name   opsMember
	member *btfdb.Member // nil: the kernel has none
}

func memberFacts(kernels []*btfdb.Kernel, m *opsMember) []memberOn {
	out := make([]memberOn, len(kernels))
	for i, k := range kernels {
		out[i] = memberOn{k, *m, k.Member(m.ops, m.member)}
	}
	return out
}
