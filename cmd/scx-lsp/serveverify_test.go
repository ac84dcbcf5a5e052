package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/lsp"
)

// TestVerifyForEditor: an editor gets what the command prints.
func TestVerifyForEditor(t *testing.T) {
	path := filepath.Join("..", "..", "verifier", "object", "testdata", "direct.bpf.o")
	kernels, err := btfdb.Select("7.3")
	if err != nil {
		t.Fatal(err)
	}
	report, err := verifyForEditor(context.Background(), path, kernels, nil)
	if err != nil {
		t.Fatal(err)
	}
	var d verifyDocument
	if err := json.Unmarshal(report, &d); err != nil || len(d.Objects) != 1 || len(d.Objects[0].Programs) == 0 || d.Kernels[0] != "7.3" {
		t.Errorf("%s: %v", report, err)
	}
	if _, err := verifyForEditor(context.Background(), "serveverify_test.go", kernels, nil); err == nil {
		t.Error("a source is no object")
	}
	if _, _, err := verifyOnForEditor(context.Background(), lsp.Question{Path: "serveverify_test.go", Kernels: []string{"running"}, Report: func(string) {}}); err == nil {
		t.Error("a source is no object")
	}
}

// TestEditorRodata: values of a configuration count where the object has the
// variable, and do no harm where it has not.
func TestEditorRodata(t *testing.T) {
	path := filepath.Join("..", "..", "verifier", "object", "testdata", "rodata_off.bpf.o")
	kernels, err := btfdb.Select("7.3")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]int{"false": 0, "true": 1} {
		report, err := verifyForEditor(context.Background(), path, kernels, map[string]string{"eager": value, "of_another_object": "7"})
		if err != nil {
			t.Fatal(err)
		}
		var d verifyDocument
		if err := json.Unmarshal(report, &d); err != nil || d.Summary.Errors != want {
			t.Errorf("eager = %s: %d errors, %v", value, d.Summary.Errors, err)
		}
	}
}
