package verifier_test

import (
	"context"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

// TestPolicy: what a user wants grades findings, and takes them away.
func TestPolicy(t *testing.T) {
	tests := []struct {
		name   string
		policy verifier.Policy
		want   string
	}{
		{"none", verifier.Policy{}, "a:error b:warning c:info"},
		{"by rule", verifier.Policy{Severity: map[string]verifier.Severity{"a": verifier.Warning, "b": verifier.Off}}, "a:warning c:info"},
		{"a remark stays one", verifier.Policy{Severity: map[string]verifier.Severity{"b": verifier.Error, "c": verifier.Error}}, "a:error b:error c:info"},
		{"a remark can become less", verifier.Policy{Severity: map[string]verifier.Severity{"c": verifier.Hint}}, "a:error b:warning c:hint"},
		{"by path", verifier.Policy{
			Severity: map[string]verifier.Severity{"a": verifier.Off},
			Paths: []verifier.PathPolicy{
				{Match: func(p string) bool { return strings.HasPrefix(p, "/w/") }, Severity: map[string]verifier.Severity{"a": verifier.Info, "b": verifier.Info}},
				{Match: func(string) bool { return true }, Severity: map[string]verifier.Severity{"b": verifier.Hint}},
				{Match: func(string) bool { return false }, Severity: map[string]verifier.Severity{"c": verifier.Off}},
			},
		}, "a:info b:hint c:info"},
	}
	u := unitFrom(t, "int x;\n")
	rule := func(id string, s verifier.Severity) *verifier.Rule {
		return &verifier.Rule{ID: id, Run: func(p *verifier.Pass) {
			p.Report(verifier.Finding{Severity: s, At: cindex.Loc{File: p.Unit.Main}})
		}}
	}
	rules := []*verifier.Rule{rule("a", verifier.Error), rule("b", verifier.Warning), rule("c", verifier.Info)}
	for _, tt := range tests {
		var got []string
		for _, f := range verifier.NewChecker(nil, rules).WithPolicy(tt.policy).Check(context.Background(), u) {
			got = append(got, f.Rule+":"+f.Severity.String())
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, s, tt.want)
		}
	}
}

// TestOwnKernels: a source says what it is for, and is heard when nobody
// insists on something else.
func TestOwnKernels(t *testing.T) {
	newest := []*btfdb.Kernel{btfdb.Newest()}
	var seen []string
	rules := []*verifier.Rule{{ID: "x", Run: func(p *verifier.Pass) {
		seen = nil
		for _, k := range p.Kernels {
			seen = append(seen, k.Release)
		}
	}}}
	tests := []struct{ source, own, given string }{
		{"// scx-lsp: kernels 6.16..6.18\nint x;\n", "6.16 6.17 6.18", "7.3"},
		{"/* scx-lsp: kernels 6.16,7.1 */\n// scx-lsp: kernels 7.0\n", "6.16 7.1", "7.3"},
		{"// scx-lsp: kernels 9.99\n", "7.3", "7.3"},
		{"// for kernels 6.16\nconst char *s = \"// scx-lsp: kernels 6.12\";\n", "7.3", "7.3"},
	}
	for _, tt := range tests {
		u := unitFrom(t, tt.source)
		verifier.NewChecker(newest, rules).WithPolicy(verifier.Policy{OwnKernels: true}).Check(context.Background(), u)
		if got := strings.Join(seen, " "); got != tt.own {
			t.Errorf("%q: checked for %s, want %s", tt.source, got, tt.own)
		}
		verifier.NewChecker(newest, rules).Check(context.Background(), u)
		if got := strings.Join(seen, " "); got != tt.given {
			t.Errorf("%q: checked for %s, want %s", tt.source, got, tt.given)
		}
	}
}

func unitFrom(t *testing.T, source string) *cindex.Unit {
	t.Helper()
	u, err := cindex.New(cindex.MapFS{"/w/x.bpf.c": source}, cindex.Config{}).Unit(context.Background(), "/w/x.bpf.c")
	if err != nil {
		t.Fatal(err)
	}
	return u
}
