package flow

import (
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// A Line is a statement in the text, as far as a fix needs it.
type Line struct {
	Loc    cindex.Loc // from the start of the line to the end of the statement
	Indent string
}

// LineAt finds the line of a place and the end of the statement there.
func LineAt(at cindex.Loc) (Line, bool) {
	text := at.File.Content
	start := at.Span.Start
	for start > 0 && text[start-1] != '\n' {
		start--
	}
	end := at.Span.Start
	for depth := 0; end < len(text); end++ {
		switch text[end] {
		case '(':
			depth++
		case ')':
			depth--
		case '{', '}':
			return Line{}, false
		case ';':
			if depth <= 0 {
				indent := string(text[start : start+len(text[start:])-len(strings.TrimLeft(string(text[start:]), " \t"))])
				return Line{cindex.Loc{File: at.File, Span: cindex.Span{Start: start, End: end + 1}}, indent}, true
			}
		}
	}
	return Line{}, false
}

// Text is the statement as written, without the blanks around it.
func (l Line) Text() string {
	return strings.TrimSpace(string(l.Loc.File.Content[l.Loc.Span.Start:l.Loc.Span.End]))
}

// After is an edit that adds lines below the statement.
func (l Line) After(lines ...string) verifier.Edit {
	at := cindex.Loc{File: l.Loc.File, Span: cindex.Span{Start: l.Loc.Span.End, End: l.Loc.Span.End}}
	return verifier.Edit{At: at, NewText: "\n" + l.Indent + strings.Join(lines, "\n"+l.Indent)}
}

// Before is an edit that adds lines above the statement.
func (l Line) Before(lines ...string) verifier.Edit {
	at := cindex.Loc{File: l.Loc.File, Span: cindex.Span{Start: l.Loc.Span.Start, End: l.Loc.Span.Start}}
	return verifier.Edit{At: at, NewText: l.Indent + strings.Join(lines, "\n"+l.Indent) + "\n"}
}

// Assigned gives the variable that the statement of a call sets: its result
// and nothing else, in a line of its own.
func (l Line) Assigned(call string) (string, bool) {
	left, right, ok := strings.Cut(l.Text(), "=")
	if !ok || !strings.HasPrefix(strings.TrimSpace(right), call+"(") {
		return "", false
	}
	words := strings.Fields(strings.ReplaceAll(left, "*", " "))
	if len(words) == 0 {
		return "", false
	}
	name := words[len(words)-1]
	for i := 0; i < len(name); i++ {
		if c := name[i]; !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return "", false
		}
	}
	return name, !strings.HasPrefix(words[0], "if") && !strings.HasPrefix(words[0], "while")
}
