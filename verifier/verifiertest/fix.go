package verifiertest

import (
	"context"
	"slices"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// Fix checks that a rule offers a fix for its one finding in a source, that the
// fix gives the wanted source, and that the rule then finds nothing.
func Fix(t *testing.T, r *verifier.Rule, source, title, want string) {
	t.Helper()
	found := checkText(t, r, source)
	if len(found) != 1 {
		t.Fatalf("%d findings, want 1, in\n%s", len(found), source)
	}
	i := slices.IndexFunc(found[0].Fixes, func(f verifier.Fix) bool { return f.Title == title })
	if i < 0 {
		t.Fatalf("no fix %q in %+v", title, found[0].Fixes)
	}
	got := apply(source, found[0].Fixes[i].Edits)
	if got != want {
		t.Errorf("fixed\n%swant\n%s", got, want)
	}
	if left := checkText(t, r, got); len(left) > 0 {
		t.Errorf("the fix leaves %q in\n%s", left[0].Message, got)
	}
}

func checkText(t *testing.T, r *verifier.Rule, source string) []verifier.Finding {
	t.Helper()
	const path = "/nowhere/fix.bpf.c"
	index := cindex.New(cindex.OSFS{}, cindex.Config{})
	index.SetContent(path, []byte(source))
	u, err := index.Unit(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return verifier.Check(context.Background(), u, []*btfdb.Kernel{btfdb.Newest()}, []*verifier.Rule{r})
}

// apply makes edits from the end, so that offsets stay.
func apply(source string, edits []verifier.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b verifier.Edit) int { return b.At.Span.Start - a.At.Span.Start })
	for _, e := range edits {
		source = source[:e.At.Span.Start] + e.NewText + source[e.At.Span.End:]
	}
	return source
}
