package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Definition implements [protocol.Server]: from the name of an ops member in a
// table to the function behind it, and from the name of such a function to the
// members that it stands for. The rest is left to clangd where there is one.
func (s *methods) Definition(ctx context.Context, p *protocol.DefinitionParams) (protocol.DefinitionResult, error) {
	places, err := s.places(ctx, p.TextDocumentPositionParams, func(at *spot) []cindex.Loc {
		if out := counterparts(at); out != nil || s.besideClangd.Load() || memberOf(at) {
			return out
		}
		if out := s.linkedDefinition(ctx, at); out != nil {
			return out
		}
		return symbols(at, cindex.SymbolFunc, cindex.SymbolType)
	})
	if places == nil {
		return nil, err
	}
	return places, err
}

// Declaration implements [protocol.Server]: where a kfunc is declared, and
// where tables name a function.
func (s *methods) Declaration(ctx context.Context, p *protocol.DeclarationParams) (protocol.DeclarationResult, error) {
	places, err := s.places(ctx, p.TextDocumentPositionParams, func(at *spot) []cindex.Loc {
		out := wirings(at)
		if s.besideClangd.Load() || memberOf(at) {
			return out
		}
		return append(symbols(at, cindex.SymbolKsym, cindex.SymbolProto), out...)
	})
	if places == nil {
		return nil, err
	}
	return places, err
}

// Implementation implements [protocol.Server]: the function behind a member,
// and for a kfunc what headers put in its place: functions that call one of its
// forms, and the declarations of those.
func (s *methods) Implementation(ctx context.Context, p *protocol.ImplementationParams) (protocol.DefinitionResult, error) {
	places, err := s.places(ctx, p.TextDocumentPositionParams, func(at *spot) []cindex.Loc {
		if memberAt(at) != nil {
			return counterparts(at)
		}
		kfunc := s.baseKfunc(at.ident)
		if kfunc == "" || memberOf(at) {
			return nil
		}
		var set placeSet
		for _, fn := range at.unit.Funcs() {
			if verifier.Wraps(fn.Name, kfunc) {
				set.add(fn.At)
			}
		}
		for _, x := range at.unit.Externs {
			if x.Func && verifier.Wraps(x.Name, kfunc) {
				set.add(x.At)
			}
		}
		return set.list
	})
	if places == nil {
		return nil, err
	}
	return places, err
}

// places asks about a spot that some unit knows.
func (s *methods) places(ctx context.Context, p protocol.TextDocumentPositionParams, find func(*spot) []cindex.Loc) (protocol.LocationSlice, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || at.unit == nil || at.ident == "" || err != nil || !s.enabled(featureDefinition) {
		return nil, err
	}
	return s.locations(ctx, find(at)), ctx.Err()
}

// symbols gives the places that define or declare the name at a spot, those of
// some kinds only. Where nothing of these kinds is, any will do.
func symbols(at *spot, from, to cindex.SymbolKind) []cindex.Loc {
	var out, other []cindex.Loc
	for _, sym := range at.unit.Symbols(at.ident) {
		if from <= sym.Kind && sym.Kind <= to {
			out = append(out, sym.At)
		} else {
			other = append(other, sym.At)
		}
	}
	if out == nil {
		return other
	}
	return out
}

// linkedDefinition finds a function that a source declares and another source
// of the same object defines.
func (s *Server) linkedDefinition(ctx context.Context, at *spot) []cindex.Loc {
	if at.unit.Func(at.ident) != nil || !slices.ContainsFunc(at.unit.Symbols(at.ident), func(x cindex.Symbol) bool {
		return x.Kind == cindex.SymbolProto
	}) {
		return nil
	}
	for _, path := range s.analyzer.Linked(at.unit.Main.Path) {
		u, err := s.analyzer.Unit(ctx, path)
		if err != nil {
			continue
		}
		if fn := u.Func(at.ident); fn != nil && !fn.Static {
			return []cindex.Loc{fn.At}
		}
	}
	return nil
}

// counterparts gives what a spot stands for on the other side of an ops table:
// the function of a member, or the members of a function at its definition.
func counterparts(at *spot) []cindex.Loc {
	var set placeSet
	for _, table := range at.unit.Tables {
		for _, init := range table.Inits {
			fn := at.unit.Func(init.Func)
			switch {
			case init.Func == "" || fn == nil:
			case at.holds(init.At):
				set.add(fn.At)
			case at.holds(fn.At):
				set.add(init.At)
			}
		}
	}
	return set.list
}

// wirings gives the members that the function named at a spot stands for.
func wirings(at *spot) []cindex.Loc {
	var set placeSet
	for _, table := range at.unit.Tables {
		for _, init := range table.Inits {
			if init.Func == at.ident {
				set.add(init.At)
			}
		}
	}
	return set.list
}

// holds tells whether a spot is in a place.
func (at *spot) holds(l cindex.Loc) bool {
	return l.File == at.file && l.Span.Start <= at.off && at.off <= l.Span.End
}
