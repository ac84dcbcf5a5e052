package main

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/report"
)

// verifyDocument is what "verify --format json" prints. Later releases add
// fields, and never rename or remove one.
type verifyDocument struct {
	Version int            `json:"version"`
	Kernels []string       `json:"kernels"`
	Objects []verifyObject `json:"objects"`
	Summary report.Summary `json:"summary"`
}

type verifyObject struct {
	File     string          `json:"file"`
	License  string          `json:"license"`
	Tables   []verifyTable   `json:"tables"`
	Programs []verifyProgram `json:"programs"`
}

type verifyTable struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	Members map[string]string `json:"members"` // member to program; "" for data
}

// A verifyProgram is one program in one context on one kernel.
type verifyProgram struct {
	Name         string           `json:"name"`
	Section      string           `json:"section"`
	Context      string           `json:"context"`
	Kernel       string           `json:"kernel"`
	Build        string           `json:"build"`
	Verdict      string           `json:"verdict"` // at load: accepted, refused, maybe, not-judged
	Run          string           `json:"run"`     // once loaded: ok, aborted, maybe
	Reason       string           `json:"reason"`  // why it was not judged
	Instructions int              `json:"instructions"`
	Findings     []report.Finding `json:"findings"`
}

func verifyJSON(w io.Writer, o verifyOptions, results []*object.Result) error {
	d := verifyDocument{Version: report.Version, Kernels: []string{}, Objects: []verifyObject{}, Summary: report.Count(len(results), allFindings(results))}
	for _, k := range o.kernels {
		d.Kernels = append(d.Kernels, k.Release)
	}
	for _, r := range results {
		x, err := objectToJSON(r, d.Kernels)
		if err != nil {
			return err
		}
		d.Objects = append(d.Objects, x)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

func objectToJSON(r *object.Result, kernels []string) (verifyObject, error) {
	name := relativeTo(workingDir())
	x := verifyObject{File: name(r.Object.Name), License: r.Object.License, Tables: []verifyTable{}, Programs: []verifyProgram{}}
	for _, t := range r.Object.Tables {
		members := map[string]string{}
		for _, m := range t.Members {
			members[m.Name] = ""
			if m.Program != nil {
				members[m.Name] = m.Program.Name
			}
		}
		x.Tables = append(x.Tables, verifyTable{t.Name, t.Type, members})
	}
	findings, err := findingsToJSON(r, kernels)
	if err != nil {
		return x, err
	}
	for _, row := range r.Rows {
		x.Programs = append(x.Programs, rowToJSON(row, findings))
	}
	return x, nil
}

// findingsToJSON goes through report.JSON, so that a finding looks the same
// from check and from verify.
func findingsToJSON(r *object.Result, kernels []string) ([]report.Finding, error) {
	var b bytes.Buffer
	if err := report.JSON(&b, kernels, 1, r.Findings, relativeTo(workingDir())); err != nil {
		return nil, err
	}
	var d report.Document
	err := json.Unmarshal(b.Bytes(), &d)
	return d.Findings, err
}

func rowToJSON(row object.Row, findings []report.Finding) verifyProgram {
	p := verifyProgram{
		Name: row.Program.Name, Section: row.Program.Section, Context: row.Context, Kernel: row.Kernel.Release, Build: row.Kernel.Build,
		Verdict: row.Verdict.String(), Run: "ok", Reason: row.Reason, Instructions: row.Program.Insns, Findings: []report.Finding{},
	}
	switch row.Aborts {
	case object.Refused:
		p.Run = "aborted"
	case object.Maybe:
		p.Run = "maybe"
	}
	for _, x := range row.Refusals {
		f := findings[x.Finding]
		f.Outcome = x.Outcome // on this kernel
		p.Findings = append(p.Findings, f)
	}
	return p
}
