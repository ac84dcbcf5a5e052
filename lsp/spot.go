package lsp

import (
	"context"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A spot is a place of a document that a request is about.
type spot struct {
	doc   *document
	off   int
	ident string // the identifier there, "" for none
	span  cindex.Span
	// unit is one that has the document as the client has it, nil when there is
	// none; file is the document in it.
	unit *cindex.Unit
	file *cindex.File
}

// spotAt gives the place of a request; nil, without an error, when there is
// nothing to say of the document.
func (s *Server) spotAt(ctx context.Context, u uri.URI, p protocol.Position) (*spot, error) {
	doc, err := request(ctx, u)
	if doc == nil || err != nil {
		return nil, err
	}
	at := &spot{doc: doc, off: doc.mapper.PositionOffset(p)}
	at.ident, at.span = s.analyzer.IdentAt(doc.mapper.content, at.off)
	at.unit, at.file = s.unitOf(ctx, doc)
	return at, ctx.Err()
}

// unitOf gives the unit that tells most about a document: its own or, when it
// has no ops table, that of a source that includes it.
func (s *Server) unitOf(ctx context.Context, doc *document) (*cindex.Unit, *cindex.File) {
	if doc.tooLarge() || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, nil
	}
	unit, err := s.analyzer.Unit(ctx, doc.path)
	if err != nil {
		return nil, nil
	}
	if len(unit.Tables) == 0 {
		for _, home := range s.homes.of(doc.path) {
			if u, err := s.analyzer.Unit(ctx, home); err == nil && len(u.Tables) > 0 {
				if f := fileOf(u, doc); f != nil {
					return u, f
				}
			}
		}
	}
	if f := fileOf(unit, doc); f != nil {
		return unit, f
	}
	return nil, nil
}

// fileOf finds a document in a unit, nil when the unit has another text of it.
func fileOf(u *cindex.Unit, doc *document) *cindex.File {
	for _, f := range u.Files {
		if f.Path == doc.path && doc.mapper.sameContent(f.Content) {
			return f
		}
	}
	return nil
}

// maxTyped is how large a text can be that somebody types: the outline of a
// generated one takes too long to make for a hover.
const maxTyped = 2 << 20

// function gives the function whose body the spot is in. In the middle of
// typing the body may end too early: then the text tells.
func (s *Server) function(at *spot) *cindex.Func {
	if at.unit == nil {
		return nil
	}
	for _, fn := range at.unit.Funcs() {
		if fn.At.File == at.file && fn.Body.Start < at.off && at.off < fn.Body.End {
			return fn
		}
	}
	if len(at.doc.mapper.content) > maxTyped {
		return nil
	}
	d, ok := s.outlines.Parse(at.doc.mapper.content).FuncAt(at.off)
	if !ok || !d.Open || at.off <= d.Body.Start {
		return nil
	}
	if fn := at.unit.Func(d.Name); fn != nil && fn.At.File == at.file {
		return fn
	}
	return nil
}

// ways lists how control gets to a function, on the selected kernels. Ways of
// which it is not known whether they are taken count only when no other does:
// what hangs on them is not for us to say.
func (s *Server) ways(ctx context.Context, u *cindex.Unit, fn *cindex.Func) []verifier.Way {
	all := s.analyzer.Ways(ctx, u, fn)
	var sure []verifier.Way
	for _, w := range all {
		if !w.Unsure {
			sure = append(sure, w)
		}
	}
	if sure != nil {
		return sure
	}
	return all
}
