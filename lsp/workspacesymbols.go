package lsp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// maxSymbols bounds an answer; who finds more has to type more.
const maxSymbols = 500

// A foundSymbol is a symbol of the workspace.
type foundSymbol struct {
	name, container string
	kind            protocol.SymbolKind
	at              cindex.Loc
}

// Symbols implements [protocol.Server]: the programs and ops tables of the
// workspace and what its tables set, by their own names. Without clangd, all
// functions too.
func (s *methods) Symbols(ctx context.Context, p *protocol.WorkspaceSymbolParams) (protocol.WorkspaceSymbolResult, error) {
	if !s.enabled(featureWorkspaceSymbols) {
		return nil, nil
	}
	var found []foundSymbol
	seen := map[placeKey]bool{}
	s.everyUnit(ctx, nil, func(u *cindex.Unit) {
		for _, sym := range s.unitSymbols(u) {
			if key := keyAt(sym.at); !seen[key] && matchesQuery(sym.name, p.Query) {
				seen[key] = true
				found = append(found, sym)
			}
		}
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	slices.SortStableFunc(found, func(a, b foundSymbol) int { return cmp.Compare(a.name, b.name) })
	c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
	out := protocol.WorkspaceSymbolSlice{}
	for _, sym := range found[:min(len(found), maxSymbols)] {
		out = append(out, protocol.WorkspaceSymbol{
			BaseSymbolInformation: protocol.BaseSymbolInformation{
				Name: sym.name, Kind: sym.kind, ContainerName: new(sym.container),
			},
			Location: new(c.location(sym.at)),
		})
	}
	return out, nil
}

// unitSymbols lists what a unit adds to the workspace.
func (s *Server) unitSymbols(u *cindex.Unit) []foundSymbol {
	var out []foundSymbol
	for _, t := range u.Tables {
		out = append(out, foundSymbol{t.Name, t.Type, protocol.SymbolKindStruct, t.At})
		for _, in := range t.Inits {
			out = append(out, foundSymbol{t.Name + "." + in.Member, in.Value, protocol.SymbolKindField, in.At})
		}
	}
	for _, p := range u.Programs {
		out = append(out, foundSymbol{p.Func.Name, cmp.Or(p.Section, p.Type), protocol.SymbolKindFunction, p.Func.At})
	}
	if !s.besideClangd.Load() {
		for _, fn := range u.Funcs() {
			out = append(out, foundSymbol{fn.Name, "", protocol.SymbolKindFunction, fn.At})
		}
	}
	return out
}

// matchesQuery tells whether the letters of a query are in a name, in their
// order, whatever their case.
func matchesQuery(name, query string) bool {
	name = strings.ToLower(name)
	for _, c := range strings.ToLower(query) {
		i := strings.IndexRune(name, c)
		if i < 0 {
			return false
		}
		name = name[i+len(string(c)):]
	}
	return true
}
