package lsptest

import (
	"fmt"
	"slices"
	"strings"
)

// navigation are the probes that give places, trees and marks.
var navigation = map[string]func(*scenario, place) string{
	"declaration":    func(s *scenario, at place) string { return s.places("textDocument/declaration", at) },
	"implementation": func(s *scenario, at place) string { return s.places("textDocument/implementation", at) },
	"references":     (*scenario).references,
	"highlight":      (*scenario).highlight,
	"workspace":      (*scenario).workspace,
	"callers":        func(s *scenario, at place) string { return s.hierarchy(at, "callHierarchy/incomingCalls", "From") },
	"callees":        func(s *scenario, at place) string { return s.hierarchy(at, "callHierarchy/outgoingCalls", "To") },
	"renamable":      (*scenario).renamable,
	"renamed":        (*scenario).renamed,
	"tokens":         (*scenario).tokens,
	"hints":          (*scenario).hints,
	"signature":      (*scenario).signature,
}

func init() {
	for name, f := range navigation {
		probes[name] = f
	}
}

// file gives a document as the scenario names it.
func (s *scenario) file(uri string) string { return strings.TrimPrefix(uri, "file://"+s.dir+"/") }

func (s *scenario) list(locations []Location) string {
	var b strings.Builder
	for _, l := range locations {
		fmt.Fprintf(&b, "%s:%s\n", s.file(l.URI), span(l.Range))
	}
	return b.String()
}

func (s *scenario) places(method string, at place) string {
	s.t.Helper()
	var locations []Location
	s.call(method, s.c.At(s.uri(at.file), at.start), &locations)
	return s.list(locations)
}

// references also tells how many of them declare nothing.
func (s *scenario) references(at place) string {
	s.t.Helper()
	params := s.c.At(s.uri(at.file), at.start)
	var all, uses []Location
	params["context"] = map[string]any{"includeDeclaration": true}
	s.call("textDocument/references", params, &all)
	params["context"] = map[string]any{"includeDeclaration": false}
	s.call("textDocument/references", params, &uses)
	if len(all) == 0 {
		return ""
	}
	return s.list(all) + fmt.Sprintf("%d without declarations\n", len(uses))
}

func (s *scenario) highlight(at place) string {
	s.t.Helper()
	var list []struct {
		Range Range
		Kind  int
	}
	s.call("textDocument/documentHighlight", s.c.At(s.uri(at.file), at.start), &list)
	var b strings.Builder
	for _, h := range list {
		fmt.Fprintf(&b, "%s %s\n", span(h.Range), map[int]string{2: "read", 3: "write"}[h.Kind])
	}
	return b.String()
}

// workspace asks for the symbols that the text finds.
func (s *scenario) workspace(at place) string {
	s.t.Helper()
	var list []struct {
		Name, ContainerName string
		Kind                int
		Location            Location
	}
	s.call("workspace/symbol", map[string]any{"query": s.text(at.file)[at.start:at.end]}, &list)
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s | %s | kind %d | %s:%s\n", x.Name, x.ContainerName, x.Kind, s.file(x.Location.URI), span(x.Location.Range))
	}
	return b.String()
}

// An item is one of a call hierarchy, with all that a client hands back.
type item map[string]any

func (i item) String() string {
	detail := ""
	if d, ok := i["detail"].(string); ok && d != "" {
		detail = " (" + d + ")"
	}
	if i["tags"] != nil {
		detail += " deprecated"
	}
	return fmt.Sprint(i["name"], detail)
}

// hierarchy unfolds a call hierarchy to its leaves.
func (s *scenario) hierarchy(at place, method, side string) string {
	s.t.Helper()
	var roots []item
	s.call("textDocument/prepareCallHierarchy", s.c.At(s.uri(at.file), at.start), &roots)
	var b strings.Builder
	var walk func(i item, depth int)
	walk = func(i item, depth int) {
		var calls []map[string]any
		s.call(method, map[string]any{"item": i}, &calls)
		for _, c := range calls {
			next, ok := c[strings.ToLower(side)].(map[string]any)
			if !ok || depth > 8 {
				s.t.Fatalf("%s: %v", method, c)
			}
			fmt.Fprintf(&b, "%s%s at", strings.Repeat("  ", depth), item(next))
			for _, r := range c["fromRanges"].([]any) {
				fmt.Fprintf(&b, " %s", anySpan(r))
			}
			b.WriteByte('\n')
			walk(next, depth+1)
		}
	}
	for _, r := range roots {
		fmt.Fprintf(&b, "%s %s\n", r, anySpan(r["selectionRange"]))
		walk(r, 1)
	}
	return b.String()
}

// anySpan is span for a range that was not decoded.
func anySpan(r any) string {
	at := func(name string) Position {
		p := r.(map[string]any)[name].(map[string]any)
		return Position{Line: int(p["line"].(float64)), Character: int(p["character"].(float64))}
	}
	return span(Range{at("start"), at("end")})
}

// renamable tells what prepareRename says.
func (s *scenario) renamable(at place) string {
	s.t.Helper()
	var result *struct {
		Range       Range
		Placeholder string
	}
	err := s.c.Call("textDocument/prepareRename", s.c.At(s.uri(at.file), at.start), &result)
	switch {
	case err != nil:
		return "no: " + err.Error()
	case result == nil:
		return ""
	}
	return fmt.Sprintf("%s %s", span(result.Range), result.Placeholder)
}

// renamed tells where a rename to new_name changes something.
func (s *scenario) renamed(at place) string {
	s.t.Helper()
	params := s.c.At(s.uri(at.file), at.start)
	params["newName"] = "new_name"
	var edit struct{ Changes map[string][]textEdit }
	if err := s.c.Call("textDocument/rename", params, &edit); err != nil {
		return "no: " + err.Error()
	}
	var lines []string
	for uri, edits := range edit.Changes {
		for _, e := range edits {
			lines = append(lines, fmt.Sprintf("%s:%s %s", s.file(uri), span(e.Range), e.NewText))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// tokens are the semantic tokens of the whole document.
func (s *scenario) tokens(at place) string {
	s.t.Helper()
	var result struct{ Data []int }
	s.call("textDocument/semanticTokens/full", map[string]any{"textDocument": map[string]any{"uri": s.uri(at.file)}}, &result)
	lines := strings.Split(s.text(at.file), "\n")
	var b strings.Builder
	line, char := 0, 0
	for d := result.Data; len(d) >= 5; d = d[5:] {
		if d[0] > 0 {
			char = 0
		}
		line, char = line+d[0], char+d[1]
		fmt.Fprintf(&b, "%d:%d %s type %d modifiers %04b\n", line+1, char+1, lines[line][char:char+d[2]], d[3], d[4])
	}
	return b.String()
}

// hints are the inlay hints of the whole document.
func (s *scenario) hints(at place) string {
	s.t.Helper()
	var list []struct {
		Position Position
		Label    string
	}
	text := s.text(at.file)
	s.call("textDocument/inlayHint", map[string]any{
		"textDocument": map[string]any{"uri": s.uri(at.file)},
		"range":        Range{End: PositionAt(text, len(text), s.c.Encoding)},
	}, &list)
	var b strings.Builder
	for _, h := range list {
		fmt.Fprintf(&b, "%d:%d %s\n", h.Position.Line+1, h.Position.Character+1, h.Label)
	}
	return b.String()
}

// signature is what signature help says at the end of a text.
func (s *scenario) signature(at place) string {
	s.t.Helper()
	var help *struct {
		Signatures []struct {
			Label         string
			Documentation struct{ Value string }
			Parameters    []struct {
				Label         any
				Documentation string
			}
		}
		ActiveSignature, ActiveParameter int
	}
	s.call("textDocument/signatureHelp", s.c.At(s.uri(at.file), at.end), &help)
	if help == nil {
		return ""
	}
	var b strings.Builder
	for i, sig := range help.Signatures {
		mark := " "
		if i == help.ActiveSignature {
			mark = "*"
		}
		fmt.Fprintf(&b, "%s %s\n", mark, sig.Label)
		for j, p := range sig.Parameters {
			if j == help.ActiveParameter && mark == "*" {
				fmt.Fprintf(&b, "    → %v %s\n", p.Label, p.Documentation)
			}
		}
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(sig.Documentation.Value, "\n", "\n    "))
	}
	return b.String()
}
