package lsptest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A place is a text in a file.
type place struct {
	file       string
	start, end int
}

// probes are what an editor can ask about a place, as text; a new feature
// adds its own here.
var probes = map[string]func(*scenario, place) string{
	"hover":      (*scenario).hover,
	"complete":   (*scenario).complete,
	"definition": (*scenario).definition,
	"actions":    (*scenario).actions,
	"symbols":    (*scenario).symbols,
}

// probe compares what an editor is told about a place with a golden.
func (s *scenario) probe(what, verb string, at place, want string) {
	s.t.Helper()
	got := probes[verb](s, at)
	if want != "none" {
		s.compare(what, want, strings.TrimRight(got, "\n")+"\n")
	} else if got != "" {
		s.t.Errorf("%s: %s", what, got)
	}
}

// call asks about a place.
func (s *scenario) call(method string, params map[string]any, result any) {
	s.t.Helper()
	if err := s.c.Call(method, params, result); err != nil {
		s.t.Errorf("%s: %v", method, err)
	}
}

func (s *scenario) hover(at place) string {
	s.t.Helper()
	text, _ := s.c.Hover(s.uri(at.file), at.start)
	return text
}

func (s *scenario) complete(at place) string {
	s.t.Helper()
	var list struct {
		Items []struct {
			Label        string
			LabelDetails struct{ Description string }
			SortText     string
			TextEdit     struct {
				Range   Range
				NewText string
			}
		}
	}
	params := s.c.At(s.uri(at.file), at.end)
	params["context"] = map[string]any{"triggerKind": 1}
	s.call("textDocument/completion", params, &list)
	var lines []string
	for _, i := range list.Items {
		lines = append(lines, fmt.Sprintf("%s | %s | %s %q", i.SortText, i.LabelDetails.Description, span(i.TextEdit.Range), i.TextEdit.NewText))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (s *scenario) definition(at place) string {
	s.t.Helper()
	var locations []Location
	s.call("textDocument/definition", s.c.At(s.uri(at.file), at.start), &locations)
	var b strings.Builder
	for _, l := range locations {
		fmt.Fprintf(&b, "%s:%s\n", strings.TrimPrefix(l.URI, "file://"+s.dir+"/"), span(l.Range))
	}
	return b.String()
}

// An action is a code action.
type action struct {
	Title       string
	Kind        string
	IsPreferred bool
	Diagnostics []Diagnostic
	Edit        *workspaceEdit
	Command     *struct {
		Command   string
		Arguments json.RawMessage
	}
}

type textEdit struct {
	Range        Range
	NewText      string
	AnnotationID string
}

type workspaceEdit struct {
	Changes         map[string][]textEdit
	DocumentChanges []struct {
		TextDocument struct {
			URI     string
			Version *int
		}
		Edits []textEdit
	}
	ChangeAnnotations map[string]struct {
		Label             string
		NeedsConfirmation bool
	}
}

// byFile gives the edits of either form.
func (e *workspaceEdit) byFile() map[string][]textEdit {
	if e.DocumentChanges == nil {
		return e.Changes
	}
	out := map[string][]textEdit{}
	for _, c := range e.DocumentChanges {
		out[c.TextDocument.URI] = append(out[c.TextDocument.URI], c.Edits...)
	}
	return out
}

// ask gives the code actions for a text, as an editor asks for them: with the
// diagnostics that it shows there.
func (s *scenario) ask(at place) []action {
	s.t.Helper()
	text := s.text(at.file)
	r := Range{PositionAt(text, at.start, s.c.Encoding), PositionAt(text, at.end, s.c.Encoding)}
	shown := []Diagnostic{}
	for _, d := range s.diagnostics(at.file) {
		if d.Range.Start.Line == r.Start.Line {
			shown = append(shown, d)
		}
	}
	var actions []action
	s.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": s.uri(at.file)}, "range": r, "context": map[string]any{"diagnostics": shown},
	}, &actions)
	return actions
}

func (s *scenario) actions(at place) string {
	s.t.Helper()
	var b strings.Builder
	for _, a := range s.ask(at) {
		fmt.Fprintf(&b, "%s: %s", a.Kind, a.Title)
		if a.IsPreferred {
			b.WriteString(" (preferred)")
		}
		if a.Edit != nil {
			for _, note := range a.Edit.ChangeAnnotations {
				fmt.Fprintf(&b, " confirm %t: %s", note.NeedsConfirmation, note.Label)
			}
		}
		if a.Command != nil {
			fmt.Fprintf(&b, " [%s %s]", a.Command.Command, a.Command.Arguments)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// apply applies the edits of an action.
func (s *scenario) apply(what, file, text, title string) {
	s.t.Helper()
	at := strings.Index(s.text(file), text)
	if at < 0 {
		s.t.Fatalf("%s: no such text", what)
	}
	for _, a := range s.ask(place{file, at, at + len(text)}) {
		if a.Title != title || a.Edit == nil {
			continue
		}
		s.edit(a.Edit)
		return
	}
	s.t.Errorf("%s: no such action; there are\n%s", what, s.actions(place{file, at, at + len(text)}))
}

// edit does what a server wants done.
func (s *scenario) edit(e *workspaceEdit) {
	for uri, edits := range e.byFile() {
		slices.SortFunc(edits, func(a, b textEdit) int { // from the end, so that ranges stay good
			return OffsetAt(s.c.Text(uri), b.Range.Start, s.c.Encoding) - OffsetAt(s.c.Text(uri), a.Range.Start, s.c.Encoding)
		})
		for _, change := range edits {
			old := s.c.Text(uri)
			s.c.Change(uri, Edit{OffsetAt(old, change.Range.Start, s.c.Encoding), OffsetAt(old, change.Range.End, s.c.Encoding), change.NewText})
		}
	}
}

// fixAll asks for what mends a document when it is saved, and does it.
func (s *scenario) fixAll(what, file string) {
	s.t.Helper()
	text := s.text(file)
	var actions []action
	s.call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": s.uri(file)}, "range": Range{End: PositionAt(text, len(text), s.c.Encoding)},
		"context": map[string]any{"diagnostics": []any{}, "only": []string{"source.fixAll"}},
	}, &actions)
	if len(actions) != 1 || actions[0].Kind != "source.fixAll.scx-lsp" {
		s.t.Fatalf("%s: %+v", what, actions)
	}
	s.edit(actions[0].Edit)
}

// A symbol is a document symbol.
type symbol struct {
	Name, Detail          string
	Kind                  int
	Range, SelectionRange Range
	Children              []symbol
}

// symbols is the outline of a file; where it is asked does not matter.
func (s *scenario) symbols(at place) string {
	s.t.Helper()
	var out []symbol
	s.call("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": s.uri(at.file)}}, &out)
	var b strings.Builder
	var write func(list []symbol, indent string)
	write = func(list []symbol, indent string) {
		for _, x := range list {
			fmt.Fprintf(&b, "%s%s | %s | kind %d | %s name %s\n", indent, x.Name, x.Detail, x.Kind, span(x.Range), span(x.SelectionRange))
			write(x.Children, indent+"  ")
		}
	}
	write(out, "")
	return b.String()
}
