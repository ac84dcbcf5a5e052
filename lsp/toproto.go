package lsp

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// source names us in the client's list of problems; clangd fills the same one.
const source = "scx-lsp"

// A diagnosticStyle is what the client can show.
type diagnosticStyle struct {
	related bool                // relatedInformation
	tags    bool                // deprecated, unnecessary
	hrefs   func(string) string // page of a rule, "" for none; nil before initialize
}

// A converter turns core values into protocol values. It is for one use by
// one goroutine.
type converter struct {
	enc     encoding
	style   diagnosticStyle
	snap    *snapshot
	mappers map[*cindex.File]*mapper
	uris    map[*cindex.File]uri.URI
}

func newConverter(snap *snapshot, enc encoding, style diagnosticStyle) *converter {
	return &converter{
		enc: enc, style: style, snap: snap,
		mappers: map[*cindex.File]*mapper{}, uris: map[*cindex.File]uri.URI{},
	}
}

func (c *converter) uri(f *cindex.File) uri.URI {
	u, ok := c.uris[f]
	if !ok {
		u = c.snap.uriOf(f.Path)
		c.uris[f] = u
	}
	return u
}

func (c *converter) mapper(f *cindex.File) *mapper {
	if m := c.mappers[f]; m != nil {
		return m
	}
	m := (*mapper)(nil)
	if doc := c.snap.byPath[f.Path]; doc != nil && doc.mapper.sameContent(f.Content) {
		m = doc.mapper
	} else {
		m = newMapper(f.Content, c.enc)
	}
	c.mappers[f] = m
	return m
}

func (c *converter) location(l cindex.Loc) protocol.Location {
	return protocol.Location{URI: c.uri(l.File), Range: c.mapper(l.File).SpanRange(l.Span)}
}

// diagnostics gives the findings of a unit by the file that they are in.
func (c *converter) diagnostics(u *cindex.Unit, findings []verifier.Finding) map[uri.URI][]protocol.Diagnostic {
	byFile := map[uri.URI][]protocol.Diagnostic{}
	for _, f := range findings {
		if f.At.File == nil {
			f.At = cindex.Loc{File: u.Main}
		}
		at := c.location(f.At)
		byFile[at.URI] = append(byFile[at.URI], c.diagnostic(at, &f))
	}
	return byFile
}

func (c *converter) diagnostic(at protocol.Location, f *verifier.Finding) protocol.Diagnostic {
	d := protocol.Diagnostic{
		Range:    at.Range,
		Severity: severity(f.Severity),
		Code:     protocol.String(f.Rule),
		Source:   protocol.NewOptional(source),
		Data:     diagnosticData(f),
	}
	if f.Judge != "" {
		d.Source = protocol.NewOptional(source + ": " + f.Judge)
	}
	if c.style.tags {
		d.Tags = tags(f.Tag)
	}
	if c.style.hrefs != nil {
		if page := c.style.hrefs(f.Rule); page != "" {
			if href, err := uri.Parse(page); err == nil {
				d.CodeDescription = protocol.CodeDescription{Href: href}
			}
		}
	}
	related := c.related(at, f)
	message := f.Message
	if c.style.related {
		d.RelatedInformation = related
	} else {
		for _, r := range related {
			message += "\n" + r.Message
		}
	}
	d.Message = protocol.String(message)
	return d
}

// tags gives the protocol's tags of a finding.
func tags(t verifier.Tag) protocol.DiagnosticTags {
	switch t {
	case verifier.TagDeprecated:
		return protocol.NewDiagnosticTags(protocol.DiagnosticTagDeprecated)
	case verifier.TagUnnecessary:
		return protocol.NewDiagnosticTags(protocol.DiagnosticTagUnnecessary)
	}
	return protocol.DiagnosticTags{}
}

func severity(s verifier.Severity) protocol.DiagnosticSeverity {
	switch s {
	case verifier.Error:
		return protocol.DiagnosticSeverityError
	case verifier.Warning:
		return protocol.DiagnosticSeverityWarning
	case verifier.Hint:
		return protocol.DiagnosticSeverityHint
	}
	return protocol.DiagnosticSeverityInformation
}

// diagnosticData is what a client hands back with a code action request.
func diagnosticData(f *verifier.Finding) protocol.LSPAny {
	data, err := json.Marshal(struct {
		Rule     string   `json:"rule"`
		Kfunc    string   `json:"kfunc,omitempty"`
		Context  string   `json:"context,omitempty"`
		Program  string   `json:"program,omitempty"`
		Outcome  string   `json:"outcome,omitempty"`
		Releases []string `json:"releases,omitempty"`
	}{f.Rule, f.Kfunc, f.Context, f.Program, f.Outcome, f.Releases})
	if err != nil {
		return nil
	}
	return data
}

// related gives the chain of calls, outermost first, and the notes. Notes that
// have no place of their own sit at the finding.
func (c *converter) related(at protocol.Location, f *verifier.Finding) []protocol.DiagnosticRelatedInformation {
	var out []protocol.DiagnosticRelatedInformation
	for _, step := range f.Chain {
		if step.At.File == nil {
			continue
		}
		out = append(out, protocol.DiagnosticRelatedInformation{
			Location: c.location(step.At), Message: stepText(&step),
		})
	}
	for _, note := range f.Notes {
		loc := at
		if note.At.File != nil {
			loc = c.location(note.At)
		}
		out = append(out, protocol.DiagnosticRelatedInformation{Location: loc, Message: note.Message})
	}
	return out
}

// stepText says in words how control gets from a function to its callee.
func stepText(s *verifier.Step) string {
	var b strings.Builder
	switch s.Kind {
	case cindex.CallSync:
		fmt.Fprintf(&b, "%s hands over the callback %s", s.Function, s.Callee)
	case cindex.CallTimer:
		fmt.Fprintf(&b, "%s sets the timer callback %s", s.Function, s.Callee)
	case cindex.CallWork:
		fmt.Fprintf(&b, "%s queues the callback %s", s.Function, s.Callee)
	default:
		fmt.Fprintf(&b, "%s calls %s", s.Function, s.Callee)
	}
	for i, via := range s.Via {
		if i == 0 {
			b.WriteString(" through ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(via.Macro)
	}
	return b.String()
}

// A diagnosticKey tells whether two units say the same thing.
type diagnosticKey struct {
	at            protocol.Range
	code, message string
}

func keyOf(d protocol.Diagnostic) diagnosticKey {
	code, _ := d.Code.(protocol.String)
	message, _ := d.Message.(protocol.String)
	return diagnosticKey{d.Range, string(code), string(message)}
}

func comparePositions(a, b protocol.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Character, b.Character))
}
