package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
)

// References implements [protocol.Server]. Of a kfunc it finds all uses in the
// workspace, under all the names that headers give it; of an ops member, the
// tables of the workspace that set it; of a function, its calls, its tables and
// where it is handed over. Other names are clangd's, where there is one.
func (s *methods) References(ctx context.Context, p *protocol.ReferenceParams) ([]protocol.Location, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || at.unit == nil || at.ident == "" || err != nil || !s.enabled(featureReferences) {
		return nil, err
	}
	var set placeSet
	declared := map[placeKey]bool{}
	switch kfunc, member := s.baseKfunc(at.ident), memberAt(at); {
	case member != nil:
		s.everyUnit(ctx, at.unit, func(u *cindex.Unit) { setters(&set, u, member) })
	case memberOf(at):
		return nil, ctx.Err()
	case kfunc != "":
		s.everyUnit(ctx, at.unit, func(u *cindex.Unit) {
			for _, name := range forms(u, kfunc) {
				mentions(&set, declared, u, name)
			}
		})
	case s.besideClangd.Load() && !isProgram(at.unit, at.ident):
		return nil, ctx.Err()
	default:
		s.unitsWith(ctx, at, func(u *cindex.Unit) { mentions(&set, declared, u, at.ident) })
	}
	if !p.Context.IncludeDeclaration {
		set.list = slices.DeleteFunc(set.list, func(l cindex.Loc) bool { return declared[keyAt(l)] })
	}
	return s.locations(ctx, set.list), ctx.Err()
}

// setters adds the places where tables of a unit set a member.
func setters(set *placeSet, u *cindex.Unit, m *opsMember) {
	for _, table := range u.Tables {
		for _, init := range table.Inits {
			if table.Type == m.ops && init.Member == m.member {
				set.add(init.At)
			}
		}
	}
}

// mentions adds the places where a unit has a name, and notes which of them
// declare or define it.
func mentions(set *placeSet, declared map[placeKey]bool, u *cindex.Unit, name string) {
	for _, l := range u.References(name) {
		set.add(l)
	}
	for _, sym := range u.Symbols(name) {
		declared[keyAt(sym.At)] = true
	}
}

// isProgram tells whether a function is an entry point.
func isProgram(u *cindex.Unit, name string) bool {
	return slices.ContainsFunc(u.Programs, func(p *cindex.Program) bool { return p.Func.Name == name })
}

// unitsWith visits the units that can mean by a name what is at a spot: that of
// the spot, those that reach the file which defines it and, unless that is
// static, those that are linked with one of these.
func (s *Server) unitsWith(ctx context.Context, at *spot, visit func(*cindex.Unit)) {
	syms := at.unit.Symbols(at.ident)
	if len(syms) == 0 {
		return // a local name, say
	}
	home := syms[0].At.File
	if home.Path == at.unit.Main.Path {
		visit(at.unit)
	} else {
		s.everyUnit(ctx, at.unit, func(u *cindex.Unit) {
			if slices.ContainsFunc(u.Files, func(f *cindex.File) bool { return f.Path == home.Path }) {
				visit(u)
			}
		})
	}
	if fn := at.unit.Func(at.ident); fn != nil && fn.Static {
		return
	}
	for _, path := range s.analyzer.Linked(at.unit.Main.Path) {
		if u, err := s.analyzer.Unit(ctx, path); err == nil {
			visit(u)
		}
	}
}

// DocumentHighlight implements [protocol.Server]: the same name in the same
// document, fields and other names apart.
func (s *methods) DocumentHighlight(ctx context.Context, p *protocol.DocumentHighlightParams) ([]protocol.DocumentHighlight, error) {
	doc, err := request(ctx, p.TextDocument.URI)
	if doc == nil || err != nil || !s.enabled(featureDocumentHighlight) || !mayHoldBPF(doc.path, doc.mapper.content) {
		return nil, err
	}
	file := s.outlines.Parse(doc.mapper.content)
	off := doc.mapper.PositionOffset(p.Position)
	here, ok := file.IdentAt(off)
	if !ok || !codeAt(doc.mapper.content, off) {
		return nil, nil
	}
	var out []protocol.DocumentHighlight
	for _, id := range file.Idents(here.Name) {
		if isField(id.Role) != isField(here.Role) {
			continue
		}
		kind := protocol.DocumentHighlightKindRead
		if id.Role == syntax.RoleDecl || id.Role == syntax.RoleMember {
			kind = protocol.DocumentHighlightKindWrite
		}
		out = append(out, protocol.DocumentHighlight{Range: doc.mapper.SpanRange(id.Span), Kind: kind})
	}
	return out, ctx.Err()
}

// isField tells whether a name is one only behind a dot.
func isField(r syntax.Role) bool { return r == syntax.RoleField || r == syntax.RoleMember }
