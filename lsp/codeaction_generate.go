package lsp

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/cindex/syntax"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// usualOps are what nearly every scheduler has, of those that its form knows.
var usualOps = []string{"select_cpu", "select_cid", "enqueue", "dispatch", "init", "exit"}

// generateActions offers, for the ops table at a span, the programs that it
// names and nobody has written, and the ops that it lacks.
func (s *Server) generateActions(ctx context.Context, doc *document, span cindex.Span) []protocol.CommandOrCodeAction {
	unit, file := s.unitOf(ctx, doc)
	outline := s.outlines.Parse(doc.mapper.content)
	d, ok := outline.DeclAt(span.Start)
	if unit == nil || !ok || d.Kind != syntax.KindTable {
		return nil
	}
	g := generator{doc: doc, file: file, table: &d, kernels: s.analyzer.Kernels()}
	for _, in := range d.Inits {
		if m := g.member(in.Member); m != nil && m.Func && in.Func != "" && !unitNames(unit, in.Func) {
			g.stubs = append(g.stubs, stub(m, in.Func))
			g.names = append(g.names, in.Func)
		}
	}
	c := newConverter(snapshotFrom(ctx), s.encoding, s.diagnoser.style)
	var out []protocol.CommandOrCodeAction
	add := func(title string, kind protocol.CodeActionKind) {
		out = append(out, &protocol.CodeAction{Title: title, Kind: new(kind), Edit: c.workspaceEdit(s.preview(), g.edits(), "")})
	}
	if len(g.names) > 0 {
		add("Generate "+strings.Join(g.names, ", "), protocol.CodeActionKindQuickFix)
	}
	if missing := g.lacking(); len(missing) > 0 && len(d.Inits) > 0 {
		g.addOps(missing)
		add("Add ops."+strings.Join(missing, ", ops."), protocol.CodeActionKindRefactorRewrite)
	}
	return out
}

// unitNames tells whether a unit has something of a name already.
func unitNames(u *cindex.Unit, name string) bool { return len(u.Symbols(name)) > 0 }

// A generator writes what an ops table lacks.
type generator struct {
	doc     *document
	file    *cindex.File
	table   *syntax.Decl
	kernels []*btfdb.Kernel

	names []string
	stubs []string // functions, to stand before the table
	inits []string // members, to stand first in it
}

func (g *generator) member(name string) *btfdb.Member {
	for _, k := range slices.Backward(g.kernels) {
		if m := k.Member(tableType(g.table), name); m != nil {
			return m
		}
	}
	return nil
}

// lacking lists the usual ops that the table does not set.
func (g *generator) lacking() []string {
	return slices.DeleteFunc(slices.Clone(usualOps), func(name string) bool {
		return g.member(name) == nil || slices.ContainsFunc(g.table.Inits, func(in syntax.Init) bool { return in.Member == name })
	})
}

func (g *generator) addOps(names []string) {
	prefix := functionPrefix(g.table)
	for _, name := range names {
		m := g.member(name)
		g.inits = append(g.inits, fmt.Sprintf(".%s = (void *)%s,", name, prefix+name))
		g.stubs = append(g.stubs, stub(m, prefix+name))
	}
}

// stub is a program that does nothing.
func stub(m *btfdb.Member, name string) string {
	wrapper, body := "BPF_STRUCT_OPS", "\n{\n}\n"
	if m.Sleepable && m.Ret() != "void" {
		wrapper += "_SLEEPABLE" // these prepare, which may have to wait
	}
	if m.Ret() != "void" {
		body = "\n{\n\treturn " + defaultResult(m) + ";\n}\n"
	}
	params := memberParams(m)
	if params != "" {
		params = ", " + params
	}
	return m.Ret() + " " + wrapper + "(" + name + params + ")" + body
}

func (g *generator) edits() []verifier.Edit {
	insert := func(off int, text string) verifier.Edit {
		return verifier.Edit{At: cindex.Loc{File: g.file, Span: cindex.Span{Start: off, End: off}}, NewText: text}
	}
	edits := []verifier.Edit{insert(g.table.Span.Start, strings.Join(g.stubs, "\n")+"\n")}
	if len(g.inits) == 0 {
		return edits
	}
	at := g.table.Inits[0].Span.Start
	line := bytes.LastIndexByte(g.doc.mapper.content[:at], '\n') + 1
	between := " "
	if indent := string(g.doc.mapper.content[line:at]); strings.TrimSpace(indent) == "" {
		between = "\n" + indent
	}
	return append(edits, insert(at, strings.Join(g.inits, between)+between))
}
