package verifier_test

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

func TestReleaseText(t *testing.T) {
	tests := []struct {
		releases []string
		want     string
	}{
		{[]string{"7.3"}, "Linux 7.3"},
		{[]string{"6.12", "6.13"}, "Linux 6.12, 6.13"},
		{[]string{"6.12", "6.13", "6.14"}, "Linux 6.12..6.14"},
		{[]string{"6.17", "6.18", "6.19", "7.0", "7.2", "7.3"}, "Linux 6.17..7.0, 7.2, 7.3"},
		{[]string{"6.12", "6.14", "6.16"}, "Linux 6.12, 6.14, 6.16"},
		{[]string{"6.12", "6.6-mine", "6.13"}, "Linux 6.12, 6.6-mine, 6.13"},
	}
	for _, tt := range tests {
		if got := verifier.ReleaseText(tt.releases); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.releases, got, tt.want)
		}
	}
}

// TestReportOn: an error is what all kernels that were judged refuse.
func TestReportOn(t *testing.T) {
	ks, err := btfdb.Select("6.16..6.18")
	if err != nil {
		t.Fatal(err)
	}
	u := &cindex.Unit{Main: &cindex.File{}}
	tests := []struct {
		name       string
		on, judged []*btfdb.Kernel
		given      verifier.Severity
		want       verifier.Severity
	}{
		{"nowhere", nil, ks, 0, 0},
		{"in part", ks[:2], ks, 0, verifier.Warning},
		{"everywhere", ks, ks, 0, verifier.Error},
		{"wherever it is judged", ks[1:], ks[1:], 0, verifier.Error},
		{"a remark", ks, ks, verifier.Info, verifier.Info},
	}
	for _, tt := range tests {
		rule := &verifier.Rule{ID: "x", Run: func(p *verifier.Pass) {
			p.ReportOn(tt.on, tt.judged, verifier.Finding{Severity: tt.given, At: cindex.Loc{File: u.Main}})
		}}
		var got verifier.Severity
		for _, f := range verifier.Check(t.Context(), u, ks, []*verifier.Rule{rule}) {
			got = f.Severity
			if len(f.Releases) != len(tt.on) {
				t.Errorf("%s: releases %v", tt.name, f.Releases)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
