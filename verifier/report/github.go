package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier"
)

// GitHub writes a finding as a workflow command: in the log of a job it becomes
// an annotation of the line. name gives the path of a file as it should be
// shown, from the root of the repository.
func GitHub(w io.Writer, f verifier.Finding, name func(string) string) error {
	r := toRange(f.At)
	text := f.Message
	for _, s := range f.Chain[:max(0, len(f.Chain)-1)] {
		text += "\n" + stepText(s)
	}
	for _, n := range f.Notes {
		text += "\n" + n.Message
	}
	_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,endLine=%d,col=%d,endColumn=%d,title=%s::%s\n",
		commands[f.Severity], property(name(f.At.File.Path)), r.Start.Line, r.End.Line, r.Start.Column, r.End.Column,
		property(f.Rule), commandText.Replace(text))
	return err
}

// commands are the workflow commands by severity.
var commands = map[verifier.Severity]string{
	verifier.Error: "error", verifier.Warning: "warning", verifier.Info: "notice", verifier.Hint: "notice",
}

// What the runner reads back: a command ends with its line, a property at a
// comma or colon.
var commandText = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandText.Replace(s))
}
