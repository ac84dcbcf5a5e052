// Package report writes findings for people and for programs. It knows nothing
// of how they were found.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Text writes findings the way a good compiler does: position, severity and
// message on a line that editors and CI understand, the source line with a
// caret, and the chain of calls as notes.
type Text struct {
	W     io.Writer
	Color bool
	// Name gives the path of a file as it should be shown.
	Name func(path string) string
}

// Finding writes one finding.
func (t *Text) Finding(f verifier.Finding) error {
	var b bytes.Buffer
	t.head(&b, f.At, f.Severity.String(), fmt.Sprintf("%s [%s]", f.Message, f.Rule))
	excerpt(&b, f.At)
	for i, s := range f.Chain {
		last := i == len(f.Chain)-1
		if !last {
			t.head(&b, s.At, "note", stepText(s))
		}
		for _, v := range s.Via {
			if v.Def.File != nil {
				t.head(&b, v.Def, "note", fmt.Sprintf("the macro %s leads to it", v.Macro))
			}
		}
	}
	if len(f.Chain) == 1 && f.Chain[0].Function != f.Program {
		fmt.Fprintf(&b, "  note: in %s\n", f.Program)
	}
	for _, n := range f.Notes {
		if n.At.File != nil {
			t.head(&b, n.At, "note", n.Message)
			continue
		}
		fmt.Fprintf(&b, "  note: %s\n", n.Message)
	}
	_, err := t.W.Write(b.Bytes())
	return err
}

// stepText says what a step of the chain does.
func stepText(s verifier.Step) string {
	switch s.Kind {
	case cindex.CallTimer:
		return fmt.Sprintf("%s sets %s as the callback of a timer", s.Function, s.Callee)
	case cindex.CallWork:
		return fmt.Sprintf("%s sets %s as a callback that runs later", s.Function, s.Callee)
	case cindex.CallSync:
		return fmt.Sprintf("%s passes %s as a callback", s.Function, s.Callee)
	}
	return fmt.Sprintf("%s calls %s", s.Function, s.Callee)
}

func (t *Text) head(b *bytes.Buffer, at cindex.Loc, severity, msg string) {
	line, col := at.File.Lines.OffsetLineCol(at.Span.Start)
	pos := fmt.Sprintf("%s:%d:%d:", t.Name(at.File.Path), line+1, col+1)
	fmt.Fprintf(b, "%s %s %s\n", t.paint("1", pos), t.paint(colors[severity], severity+":"), msg)
}

var colors = map[string]string{"error": "1;31", "warning": "1;35", "info": "1;34", "hint": "1;34", "note": "1;36"}

func (t *Text) paint(code, s string) string {
	if !t.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// maxExcerpt is the longest line that is shown; a generated one can have
// megabytes.
const maxExcerpt = 200

// excerpt shows the source line with a caret below the span. Tabs are kept, so
// that the caret stands right however wide they are.
func excerpt(b *bytes.Buffer, at cindex.Loc) {
	line, col := at.File.Lines.OffsetLineCol(at.Span.Start)
	span := at.File.Lines.LineSpan(line)
	text := bytes.TrimRight(at.File.Content[span.Start:span.End], "\r\n")
	if len(text) > maxExcerpt || !printable(text) {
		return
	}
	n := min(max(at.Span.End-at.Span.Start, 1), max(len(text)-col, 1))
	fmt.Fprintf(b, "%5d | %s\n      | %s^%s\n", line+1, text, pad(text[:col]), strings.Repeat("~", width(text[col:min(col+n, len(text))])-1))
}

// pad is as wide as s in a terminal.
func pad(s []byte) string {
	var b strings.Builder
	for _, r := range string(s) {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func width(s []byte) int { return max(len([]rune(string(s))), 1) }

// printable keeps control characters of a hostile source out of a terminal.
func printable(s []byte) bool {
	for _, c := range s {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
