package lsp

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// fixAllKind is what editors ask for to mend a document when it is saved.
const fixAllKind protocol.CodeActionKind = protocol.CodeActionKindSourceFixAll + ".scx-lsp"

// codeActionKinds are what we answer with.
var codeActionKinds = []protocol.CodeActionKind{
	protocol.CodeActionKindQuickFix, protocol.CodeActionKindRefactorRewrite, fixAllKind,
}

// A preview is how a client shows edits before it makes them.
type preview struct {
	annotated bool // it knows annotations that ask for a confirmation
	versioned bool // it knows edits of a version of a document
}

func (s *Server) preview() preview {
	ws := s.caps.Workspace
	if ws == nil || ws.WorkspaceEdit == nil {
		return preview{}
	}
	versioned := ws.WorkspaceEdit.DocumentChanges
	p := preview{versioned: versioned != nil && *versioned}
	p.annotated = p.versioned && ws.WorkspaceEdit.ChangeAnnotationSupport != nil
	return p
}

// annotation names the one that edits to be confirmed have.
const annotation protocol.ChangeAnnotationIdentifier = "scx-lsp"

// workspaceEdit makes an edit of the client's. With a label, the client is to
// show it and ask, if it can.
func (c *converter) workspaceEdit(p preview, edits []verifier.Edit, confirm string) *protocol.WorkspaceEdit {
	byFile := map[uri.URI][]protocol.TextEdit{}
	var order []*cindex.File
	for _, e := range edits {
		at := c.location(e.At)
		if byFile[at.URI] == nil {
			order = append(order, e.At.File)
		}
		byFile[at.URI] = append(byFile[at.URI], protocol.TextEdit{Range: at.Range, NewText: e.NewText})
	}
	if !p.versioned {
		return &protocol.WorkspaceEdit{Changes: byFile}
	}
	out := &protocol.WorkspaceEdit{}
	annotate := p.annotated && confirm != ""
	if annotate {
		out.ChangeAnnotations = map[protocol.ChangeAnnotationIdentifier]protocol.ChangeAnnotation{
			annotation: {Label: confirm, NeedsConfirmation: new(true)},
		}
	}
	for _, f := range order {
		change := &protocol.TextDocumentEdit{TextDocument: c.versioned(f)}
		for _, e := range byFile[c.uri(f)] {
			if annotate {
				change.Edits = append(change.Edits, &protocol.AnnotatedTextEdit{TextEdit: e, AnnotationID: annotation})
			} else {
				change.Edits = append(change.Edits, &e)
			}
		}
		out.DocumentChanges = append(out.DocumentChanges, change)
	}
	return out
}

// versioned names a file with the version that the client has open.
func (c *converter) versioned(f *cindex.File) protocol.OptionalVersionedTextDocumentIdentifier {
	id := protocol.OptionalVersionedTextDocumentIdentifier{}
	id.URI = c.uri(f)
	if doc := c.snap.byPath[f.Path]; doc != nil {
		id.Version = &doc.version
	}
	return id
}

// fixAll joins the first safe fix of each finding. Fixes that would touch the
// same text as one before them wait for the next time.
func fixAll(findings []verifier.Finding) []verifier.Edit {
	var out []verifier.Edit
	for _, f := range findings {
		i := slices.IndexFunc(f.Fixes, func(fix verifier.Fix) bool { return fix.Safe })
		if i < 0 {
			continue
		}
		var more []verifier.Edit
		for _, e := range f.Fixes[i].Edits {
			if !slices.Contains(out, e) {
				more = append(more, e)
			}
		}
		if !slices.ContainsFunc(more, func(e verifier.Edit) bool {
			return slices.ContainsFunc(out, func(have verifier.Edit) bool { return overlap(have.At, e.At) })
		}) {
			out = append(out, more...)
		}
	}
	slices.SortFunc(out, func(a, b verifier.Edit) int {
		return cmp.Or(strings.Compare(a.At.File.Path, b.At.File.Path), cmp.Compare(a.At.Span.Start, b.At.Span.Start))
	})
	return out
}

// overlap tells whether two places share text, or are insertions at one place.
func overlap(a, b cindex.Loc) bool {
	return a.File.Path == b.File.Path && (a.Span == b.Span || a.Span.Start < b.Span.End && b.Span.Start < a.Span.End)
}

// fixAllActions offers to mend everything in a document: all of it when the
// client asks for that, and by rule where several findings have a fix.
func (c *converter) fixAllActions(p preview, all, here []verifier.Finding, only []protocol.CodeActionKind) []protocol.CommandOrCodeAction {
	var out []protocol.CommandOrCodeAction
	asked := slices.DeleteFunc(slices.Clone(only), func(k protocol.CodeActionKind) bool { return k == protocol.CodeActionKindEmpty })
	if len(asked) > 0 && wants(asked, fixAllKind) {
		if edits := fixAll(all); len(edits) > 0 {
			out = append(out, &protocol.CodeAction{
				Title: "Fix all that scx-lsp can", Kind: new(fixAllKind), Edit: c.workspaceEdit(p, edits, ""),
			})
		}
	}
	if !wants(only, protocol.CodeActionKindQuickFix) {
		return out
	}
	var done []string
	for _, f := range here {
		if slices.Contains(done, f.Rule) {
			continue
		}
		done = append(done, f.Rule)
		same := slices.DeleteFunc(slices.Clone(all), func(g verifier.Finding) bool {
			return g.Rule != f.Rule || !slices.ContainsFunc(g.Fixes, func(fix verifier.Fix) bool { return fix.Safe })
		})
		if len(same) < 2 {
			continue
		}
		title := fmt.Sprintf("Fix all %d of %s", len(same), f.Rule)
		out = append(out, &protocol.CodeAction{
			Title: title, Kind: new(protocol.CodeActionKindQuickFix), Edit: c.workspaceEdit(p, fixAll(same), title),
		})
	}
	return out
}

// suppressAction offers a comment that keeps a finding back.
func (c *converter) suppressAction(p preview, f *verifier.Finding) (*protocol.CodeAction, bool) {
	edit, ok := suppression(f.At, f.Rule)
	if !ok {
		return nil, false
	}
	return &protocol.CodeAction{
		Title: "Ignore " + f.Rule + " here", Kind: new(protocol.CodeActionKindQuickFix),
		Diagnostics: []protocol.Diagnostic{c.diagnostic(c.location(f.At), f)},
		Edit:        c.workspaceEdit(p, []verifier.Edit{edit}, ""),
	}, true
}

// suppression writes the comment: into one that is there, behind the line or,
// when that ends with another comment, above it. There is none within a macro.
func suppression(at cindex.Loc, rule string) (verifier.Edit, bool) {
	text := at.File.Content
	start := bytes.LastIndexByte(text[:at.Span.Start], '\n') + 1
	end := indexFrom(text, at.Span.Start, "\n")
	line := bytes.TrimRight(text[start:end], " \t\r")
	insert := func(off int, s string) (verifier.Edit, bool) {
		return verifier.Edit{At: cindex.Loc{File: at.File, Span: cindex.Span{Start: off, End: off}}, NewText: s}, true
	}
	if i := bytes.Index(line, []byte("scx-lsp: ignore[")); i >= 0 {
		if n := bytes.IndexByte(line[i:], ']'); n >= 0 {
			return insert(start+i+n, ", "+rule)
		}
	}
	switch {
	case bytes.HasSuffix(line, []byte("\\")) || bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#")):
		return verifier.Edit{}, false
	case bytes.Contains(line, []byte("//")) || bytes.Contains(line, []byte("/*")):
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		return insert(start, string(indent)+"// scx-lsp: ignore["+rule+"]\n")
	}
	return insert(start+len(line), " // scx-lsp: ignore["+rule+"]")
}
