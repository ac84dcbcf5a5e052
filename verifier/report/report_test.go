package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

func file(name, content string) *cindex.File {
	return &cindex.File{Path: name, Content: []byte(content), Lines: cindex.NewLines([]byte(content))}
}

func at(f *cindex.File, s string) cindex.Loc {
	i := strings.Index(string(f.Content), s)
	return cindex.Loc{File: f, Span: cindex.Span{Start: i, End: i + len(s)}}
}

func sample() verifier.Finding {
	f := file("/w/a.bpf.c", "void e(void)\n{\n\th();\n}\nvoid h(void)\n{\n\t/* ü */ k(1);\n}\n")
	h := file("/w/h.h", "#define k(x) kf(x)\n")
	return verifier.Finding{
		Rule: "kfunc-context", Severity: verifier.Error, At: at(f, "k(1)"), Message: "kf is not allowed in ops.enqueue",
		Kfunc: "kf", KernelFunction: "kf___v2", Context: "sched_ext_ops.enqueue", Program: "e", Releases: []string{"7.3"}, Outcome: verifier.OutcomeLoad,
		Chain: []verifier.Step{
			{Function: "e", At: at(f, "h"), Callee: "h"},
			{Function: "h", At: at(f, "k(1)"), Callee: "kf", Via: []cindex.Via{{Macro: "k", Def: at(h, "k")}}},
		},
		Notes: []verifier.Note{{Message: "Linux 7.3 refuses"}},
		Fixes: []verifier.Fix{{Title: "drop the call", Edits: []verifier.Edit{{At: at(f, "k(1);"), NewText: ""}}}},
	}
}

func base(p string) string { return strings.TrimPrefix(p, "/w/") }

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := (&Text{W: &b, Name: base}).Finding(sample()); err != nil {
		t.Fatal(err)
	}
	want := `a.bpf.c:7:11: error: kf is not allowed in ops.enqueue [kfunc-context]
    7 | 	/* ü */ k(1);
      | 	        ^~~~
a.bpf.c:3:2: note: e calls h
h.h:1:9: note: the macro k leads to it
  note: Linux 7.3 refuses
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// A hostile source must not reach the terminal as it is, nor flood it.
func TestTextHostile(t *testing.T) {
	for name, line := range map[string]string{
		"escape": "\x1b]0;owned\x07 k(1)",
		"long":   strings.Repeat("x", 10_000_000) + " k(1)",
	} {
		f := file("a.c", line)
		fd := verifier.Finding{Rule: "r", Severity: verifier.Warning, At: at(f, "k(1)"), Message: "m"}
		var b bytes.Buffer
		if err := (&Text{W: &b, Name: base}).Finding(fd); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 200 || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%s: %d bytes, %.80q", name, b.Len(), b.String())
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, []string{"7.3"}, 1, []verifier.Finding{sample()}, base); err != nil {
		t.Fatal(err)
	}
	var d Document
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	f := d.Findings[0]
	if f.Range != (Range{Position{7, 11}, Position{7, 15}}) {
		t.Errorf("range %+v", f.Range)
	}
	if len(f.Chain) != 2 || f.Chain[0] != (Step{"e", "a.bpf.c", 3, 2, "h"}) {
		t.Errorf("chain %+v", f.Chain)
	}
	if d.Summary != (Summary{1, 1, 0, 0}) {
		t.Errorf("summary %+v", d.Summary)
	}
}

// Programs that read the report must not meet null where a list belongs.
func TestJSONEmptyLists(t *testing.T) {
	f := file("a.c", "x")
	var b bytes.Buffer
	fd := verifier.Finding{Severity: verifier.Warning, At: at(f, "x")}
	if err := JSON(&b, []string{"7.3"}, 1, []verifier.Finding{fd}, base); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("null in %s", b.String())
	}
}
