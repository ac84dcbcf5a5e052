package main

import (
	"encoding/json"
	"io"

	"github.com/scx-lsp/scx-lsp/verifier/kernel"
	"github.com/scx-lsp/scx-lsp/verifier/object"
	"github.com/scx-lsp/scx-lsp/verifier/report"
)

// onDocument is what "verify --on --format json" prints: the document of
// "verify", and what the kernels said beside it.
type onDocument struct {
	verifyDocument
	Asked []onAsked `json:"asked"`
}

// onAsked is one object's judgements.
type onAsked struct {
	File       string             `json:"file"`
	Judgements []kernel.Judgement `json:"judgements"`
}

func onJSON(w io.Writer, o verifyOptions, all []onObject) error {
	var results []*object.Result
	d := onDocument{Asked: []onAsked{}}
	name := relativeTo(workingDir())
	for _, x := range all {
		results = append(results, x.result)
		d.Asked = append(d.Asked, onAsked{name(x.result.Object.Name), x.judgements})
	}
	d.verifyDocument = verifyDocument{Version: report.Version, Kernels: []string{}, Objects: []verifyObject{}, Summary: report.Count(len(results), allFindings(results))}
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
