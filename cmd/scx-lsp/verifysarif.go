package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"slices"

	"github.com/scx-lsp/scx-lsp/verifier"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// The part of SARIF 2.1.0 that code scanning reads.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

var sarifLevels = map[verifier.Severity]string{verifier.Error: "error", verifier.Warning: "warning", verifier.Info: "note", verifier.Hint: "note"}

func verifySARIF(w io.Writer, results []*object.Result) error {
	return writeSARIF(w, allFindings(results))
}

// writeSARIF writes findings of sources or objects.
func writeSARIF(w io.Writer, findings []verifier.Finding) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "scx-lsp", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	for _, f := range findings {
		if r := (sarifRule{f.Rule}); !slices.Contains(run.Tool.Driver.Rules, r) {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, r)
		}
		run.Results = append(run.Results, toSARIF(f))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func toSARIF(f verifier.Finding) sarifResult {
	text := f.Message
	for _, n := range f.Notes {
		text += "\n" + n.Message
	}
	r := sarifResult{RuleID: f.Rule, Level: sarifLevels[f.Severity], Message: sarifText{text}, Locations: []sarifLocation{sarifAt(verifier.Step{At: f.At})}}
	for _, s := range f.Chain {
		l := sarifAt(s)
		l.Message = &sarifText{s.Function + " calls " + s.Callee}
		r.Related = append(r.Related, l)
	}
	return r
}

func sarifAt(s verifier.Step) sarifLocation {
	line, col := s.At.File.Lines.OffsetLineCol(s.At.Span.Start)
	return sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{URI: filepath.ToSlash(relativeTo(workingDir())(s.At.File.Path))},
		Region:   sarifRegion{StartLine: line + 1, StartColumn: col + 1},
	}}
}
