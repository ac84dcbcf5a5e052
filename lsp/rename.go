package lsp

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// codeRequestFailed is LSP's RequestFailed: the request was fine, the answer is
// no.
const codeRequestFailed jsonrpc2.Code = -32803

func refuse(format string, args ...any) error {
	return jsonrpc2.Errorf(codeRequestFailed, format, args...)
}

// PrepareRename implements [protocol.Server]. It refuses, with the reason, what
// a rename would break.
func (s *methods) PrepareRename(ctx context.Context, p *protocol.PrepareRenameParams) (protocol.PrepareRenameResult, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || err != nil || !s.enabled(featureRename) {
		return nil, err
	}
	if fn, err := s.renamable(at); fn == nil || err != nil {
		return nil, err
	}
	return &protocol.PrepareRenamePlaceholder{Range: at.doc.mapper.SpanRange(at.span), Placeholder: at.ident}, ctx.Err()
}

// renamable gives the function at a spot that may get another name; nil,
// without an error, where clangd renames.
func (s *Server) renamable(at *spot) (*cindex.Func, error) {
	switch {
	case at.ident == "" || at.unit == nil || !codeAt(at.doc.mapper.content, at.off):
		return nil, refuse("there is no function to rename here")
	case memberAt(at) != nil:
		return nil, refuse("%s is a member of a kernel type; rename its function instead", at.ident)
	case memberOf(at):
		return nil, refuse("%s is a member of something; only functions can be renamed", at.ident)
	case newestKfunc(s.analyzer.Kernels(), at.ident) != nil:
		return nil, refuse("%s is a kfunc: the kernel knows it by this name", at.ident)
	}
	fn := at.unit.Func(at.ident)
	for _, sym := range at.unit.Symbols(at.ident) {
		switch sym.Kind {
		case cindex.SymbolMacro:
			return nil, refuse("%s is a macro as well", at.ident)
		case cindex.SymbolKsym:
			return nil, refuse("%s is a symbol of the kernel", at.ident)
		}
	}
	switch {
	case fn == nil:
		return nil, refuse("%s is not a function of this scheduler", at.ident)
	case verifier.IsLibrary(fn.At.File.Path):
		return nil, refuse("%s comes with the headers of scx or libbpf", at.ident)
	case string(fn.At.File.Content[fn.At.Span.Start:fn.At.Span.End]) != fn.Name:
		return nil, refuse("%s is the work of a macro", at.ident)
	case s.besideClangd.Load() && !isProgram(at.unit, fn.Name):
		return nil, nil
	}
	return fn, nil
}

// lineOf names a place as compilers do.
func lineOf(l cindex.Loc) string {
	line, _ := l.File.Lines.OffsetLineCol(l.Span.Start)
	return fmt.Sprintf("%s:%d", path.Base(l.File.Path), line+1)
}

// cKeywords are names that C has for itself.
var cKeywords = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(`auto bool break case char const constexpr continue default do double else enum
		extern false float for goto if inline int long nullptr register restrict return short signed sizeof static
		struct switch true typedef typeof union unsigned void volatile while asm _Bool`) {
		set[w] = true
	}
	return set
}()

var cName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Rename implements [protocol.Server]: a function with its calls, its ops
// tables, and the section that has its name.
func (s *methods) Rename(ctx context.Context, p *protocol.RenameParams) (*protocol.WorkspaceEdit, error) {
	at, err := s.spotAt(ctx, p.TextDocument.URI, p.Position)
	if at == nil || err != nil || !s.enabled(featureRename) {
		return nil, err
	}
	fn, err := s.renamable(at)
	switch {
	case fn == nil || err != nil:
		return nil, err
	case !cName.MatchString(p.NewName) || cKeywords[p.NewName]:
		return nil, refuse("%q is no name for a function", p.NewName)
	case p.NewName == fn.Name:
		return &protocol.WorkspaceEdit{}, nil
	case newestKfunc(s.analyzer.Kernels(), p.NewName) != nil:
		return nil, refuse("%s is a kfunc", p.NewName)
	}
	r := renamer{s: s.Server, from: fn.Name, to: p.NewName, files: map[string]*syntax.File{}}
	s.unitsWith(ctx, at, func(u *cindex.Unit) {
		if r.err == nil {
			r.unit(u)
		}
	})
	if err := cmp.Or(r.err, ctx.Err()); err != nil {
		return nil, err
	}
	return r.edit(ctx), nil
}

// A renamer collects the places that have a function's name.
type renamer struct {
	s        *Server
	from, to string
	set      placeSet
	files    map[string]*syntax.File
	err      error
}

func (r *renamer) unit(u *cindex.Unit) {
	if taken := u.Symbols(r.to); len(taken) > 0 {
		r.err = refuse("%s is taken: %s", r.to, lineOf(taken[0].At))
		return
	}
	known := map[cindex.Loc]bool{}
	for _, sym := range u.Symbols(r.from) {
		known[sym.At] = true
	}
	for _, l := range u.References(r.from) {
		id, ok := r.file(l.File).IdentAt(l.Span.Start)
		switch {
		case !ok || isField(id.Role) || id.Role == syntax.RoleType || id.Role == syntax.RoleLabel:
			continue // another name that is spelled alike
		case id.Role == syntax.RoleDecl && !known[l] && r.inType(l):
			continue // a field
		case id.Role == syntax.RoleDecl && !known[l]:
			r.err = refuse("%s is the name of something else as well: %s", r.from, lineOf(l))
			return
		case verifier.IsLibrary(l.File.Path):
			r.err = refuse("%s uses %s", l.File.Path, r.from)
			return
		}
		r.set.add(l)
	}
	r.sections(u)
}

// sections adds the function's name in SEC("struct_ops/NAME"), which nobody
// looks at but people. Other sections name what a program is attached to.
func (r *renamer) sections(u *cindex.Unit) {
	fn := u.Func(r.from)
	if fn == nil {
		return
	}
	for _, d := range r.file(fn.At.File).Decls() {
		prefix, name, ok := strings.Cut(d.Section, "/")
		if d.NameSpan == fn.At.Span && ok && name == r.from && strings.HasPrefix(strings.TrimPrefix(prefix, "?"), "struct_ops") && d.Wrapper == "" {
			r.set.add(cindex.Loc{File: fn.At.File, Span: cindex.Span{Start: d.SectionSpan.End - len(name), End: d.SectionSpan.End}})
		}
	}
}

// inType tells whether a place is in the definition of a struct or union.
func (r *renamer) inType(l cindex.Loc) bool {
	d, ok := r.file(l.File).DeclAt(l.Span.Start)
	return ok && (d.Kind == syntax.KindStruct || d.Kind == syntax.KindUnion)
}

func (r *renamer) file(f *cindex.File) *syntax.File {
	if r.files[f.Path] == nil {
		r.files[f.Path] = r.s.outlines.Parse(f.Content)
	}
	return r.files[f.Path]
}

func (r *renamer) edit(ctx context.Context) *protocol.WorkspaceEdit {
	c := newConverter(snapshotFrom(ctx), r.s.encoding, r.s.diagnoser.style)
	changes := map[uri.URI][]protocol.TextEdit{}
	slices.SortFunc(r.set.list, func(a, b cindex.Loc) int {
		return cmp.Or(strings.Compare(a.File.Path, b.File.Path), cmp.Compare(a.Span.Start, b.Span.Start))
	})
	for _, l := range r.set.list {
		at := c.location(l)
		changes[at.URI] = append(changes[at.URI], protocol.TextEdit{Range: at.Range, NewText: r.to})
	}
	return &protocol.WorkspaceEdit{Changes: changes}
}
