package report

import (
	"encoding/json"
	"io"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Version is that of the JSON form. Later releases add fields, and never
// rename or remove one.
const Version = 1

// A Document is what `scx-lsp check --format json` prints. Lines and columns
// count from 1, columns are bytes, ends are exclusive.
type Document struct {
	Version  int       `json:"version"`
	Kernels  []string  `json:"kernels"`
	Findings []Finding `json:"findings"`
	Summary  Summary   `json:"summary"`
}

// A Finding is one finding of a Document.
type Finding struct {
	Rule           string   `json:"rule"`
	Severity       string   `json:"severity"`
	File           string   `json:"file"`
	Range          Range    `json:"range"`
	Message        string   `json:"message"`
	Kfunc          string   `json:"kfunc"`
	KernelFunction string   `json:"kernel_function"`
	Context        string   `json:"context"`
	Program        string   `json:"program"`
	Releases       []string `json:"releases"`
	Outcome        string   `json:"outcome"`
	Chain          []Step   `json:"chain"`
	Notes          []string `json:"notes"`
	Fixes          []Fix    `json:"fixes"`
}

// A Range is a half-open range of a file.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Position counts from 1.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// A Step is one call of a chain: the function that makes it, and where.
type Step struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Callee   string `json:"callee"`
}

// A Fix is a set of edits.
type Fix struct {
	Title     string `json:"title"`
	Preferred bool   `json:"preferred"`
	Edits     []Edit `json:"edits"`
}

// An Edit replaces a range.
type Edit struct {
	File    string `json:"file"`
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// Summary counts.
type Summary struct {
	Files    int `json:"files"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"` // and hints
}

// Count adds findings up.
func Count(files int, findings []verifier.Finding) Summary {
	s := Summary{Files: files}
	for _, f := range findings {
		switch f.Severity {
		case verifier.Error:
			s.Errors++
		case verifier.Warning:
			s.Warnings++
		default:
			s.Infos++
		}
	}
	return s
}

// JSON writes a Document. name gives the path of a file as it should be shown.
func JSON(w io.Writer, kernels []string, files int, findings []verifier.Finding, name func(string) string) error {
	d := Document{Version: Version, Kernels: kernels, Findings: []Finding{}, Summary: Count(files, findings)}
	for _, f := range findings {
		d.Findings = append(d.Findings, toJSON(f, name))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

func toJSON(f verifier.Finding, name func(string) string) Finding {
	out := Finding{
		Rule: f.Rule, Severity: f.Severity.String(), File: name(f.At.File.Path), Range: toRange(f.At),
		Message: f.Message, Kfunc: f.Kfunc, KernelFunction: f.KernelFunction, Context: f.Context, Program: f.Program,
		Releases: append([]string{}, f.Releases...), Outcome: f.Outcome, Chain: []Step{}, Notes: []string{}, Fixes: []Fix{},
	}
	for _, s := range f.Chain {
		line, col := s.At.File.Lines.OffsetLineCol(s.At.Span.Start)
		out.Chain = append(out.Chain, Step{Function: s.Function, File: name(s.At.File.Path), Line: line + 1, Column: col + 1, Callee: s.Callee})
	}
	for _, n := range f.Notes {
		out.Notes = append(out.Notes, n.Message)
	}
	for _, x := range f.Fixes {
		fix := Fix{Title: x.Title, Preferred: x.Safe, Edits: []Edit{}}
		for _, e := range x.Edits {
			fix.Edits = append(fix.Edits, Edit{File: name(e.At.File.Path), Range: toRange(e.At), NewText: e.NewText})
		}
		out.Fixes = append(out.Fixes, fix)
	}
	return out
}

func toRange(at cindex.Loc) Range {
	pos := func(off int) Position {
		line, col := at.File.Lines.OffsetLineCol(off)
		return Position{Line: line + 1, Column: col + 1}
	}
	return Range{Start: pos(at.Span.Start), End: pos(at.Span.End)}
}
