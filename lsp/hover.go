package lsp

import (
	"bytes"
	"context"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Hover implements [protocol.Server]. It adds what clangd cannot know and
// stays silent about everything else.
func (s *methods) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || err != nil || at.ident == "" || !s.enabled(featureHover) {
		return nil, err
	}
	text := s.about(ctx, at)
	if text == "" {
		return nil, ctx.Err()
	}
	return &protocol.Hover{
		Contents: &protocol.MarkupContent{Kind: s.markup(), Value: text},
		Range:    new(at.doc.mapper.SpanRange(at.span)),
	}, ctx.Err()
}

// about says what is known of the identifier at a spot.
func (s *Server) about(ctx context.Context, at *spot) string {
	kernels := s.analyzer.Kernels()
	if member := memberAt(at); member != nil {
		return renderMember(memberFacts(kernels, member))
	}
	if facts := kfuncFacts(kernels, at.ident); facts != nil {
		return renderKfunc(facts) + s.wrapper(ctx, at) + s.here(ctx, at, facts[0].name)
	}
	if text := renderValue(kernels, at.ident); text != "" {
		return text
	}
	if at.unit == nil {
		return ""
	}
	if fn := at.unit.Func(at.ident); fn != nil && !memberOf(at) {
		return strings.TrimPrefix(s.reached(ctx, at, fn)+s.wrapper(ctx, at), rule)
	}
	return strings.TrimPrefix(s.wrapper(ctx, at), rule)
}

// memberOf tells whether the identifier is a field of something: p->enqueue
// is not the function enqueue.
func memberOf(at *spot) bool {
	return behindAccess(at.doc.mapper.content, at.span.Start)
}

// behindAccess tells whether a dot or an arrow comes before an offset.
func behindAccess(content []byte, off int) bool {
	before := bytes.TrimRight(content[max(0, off-8):off], " \t")
	return bytes.HasSuffix(before, []byte(".")) || bytes.HasSuffix(before, []byte("->"))
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
// A flavour (X___compat) stands for the kernel's X, unless the kernel has one
// of that name itself (X___v2).
func kfuncFacts(kernels []*btfdb.Kernel, name string) []kfuncOn {
	if facts := factsOf(kernels, name); facts != nil {
		return facts
	}
	if base := verifier.KernelName(name); base != name {
		return factsOf(kernels, base)
	}
	return nil
}

func factsOf(kernels []*btfdb.Kernel, name string) []kfuncOn {
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

// here says whether the function at a spot may call a kfunc, "" when it is
// not known who calls that function.
func (s *Server) here(ctx context.Context, at *spot, kfunc string) string {
	fn := s.function(at)
	if fn == nil {
		return ""
	}
	j := judge{kernels: s.analyzer.Kernels(), ways: s.ways(ctx, at.unit, fn)}
	if len(j.ways) == 0 {
		return ""
	}
	if v := j.on(kfunc); v.refused != "" {
		return renderHere(fn.Name, v.refused)
	}
	return renderHere(fn.Name, j.where())
}

// reached says in which contexts a function runs, and by which calls.
func (s *Server) reached(ctx context.Context, at *spot, fn *cindex.Func) string {
	ways := s.ways(ctx, at.unit, fn)
	if len(ways) == 0 {
		return ""
	}
	return renderReached(fn.Name, ways, s.analyzer.Kernels())
}

// wrapper says what a call at a spot comes to: through a macro, or through an
// inline function that stands for a kfunc.
func (s *Server) wrapper(ctx context.Context, at *spot) string {
	if at.unit == nil || memberOf(at) {
		return ""
	}
	var uses []verifier.Use
	if fn := at.unit.Func(at.ident); fn != nil {
		if verifier.IsLibrary(fn.At.File.Path) || newestKfunc(s.analyzer.Kernels(), at.ident) != nil {
			uses = s.analyzer.Uses(ctx, at.unit, fn)
		}
	} else if fn := s.function(at); fn != nil {
		for _, use := range s.analyzer.Uses(ctx, at.unit, fn) {
			if use.First.At == at.span && len(use.First.Via) > 0 {
				uses = append(uses, use)
			}
		}
	}
	return renderUses(at.ident, uses, s.analyzer.Kernels())
}

// An opsMember is a member that an ops table of the source names.
type opsMember struct{ ops, member string }

// memberAt finds the member whose name in an ops table is at a spot.
func memberAt(at *spot) *opsMember {
	if at.unit == nil {
		return nil
	}
	for _, table := range at.unit.Tables {
		for _, init := range table.Inits {
			if init.At.File == at.file && init.At.Span == at.span {
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
