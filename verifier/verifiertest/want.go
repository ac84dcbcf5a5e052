// Package verifiertest runs rules over small schedulers whose comments say what
// must be found:
//
//	scx_bpf_dsq_move_to_local(0); // want kfunc-context "ops.enqueue"
//
// A want names a rule and a regular expression for the message; a line may have
// several. What is found and not wanted fails the test, and so does the
// reverse. The name of the folder that holds a source is the --kernel
// specification that it is checked for: testdata/7.3/x.bpf.c,
// testdata/6.16..7.3/y.bpf.c.
package verifiertest

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
	"github.com/scx-lsp/scx-lsp/verifier"
)

var (
	wantComment = regexp.MustCompile(`//\s*want\s+(.*)`)
	wantItem    = regexp.MustCompile(`^([a-z-]+)(?:\((error|warning|info|hint)\))?\s+"((?:[^"\\]|\\.)*)"\s*`)
)

type want struct {
	rule     string
	severity string // "" for any
	re       *regexp.Regexp
	met      bool
}

type line struct {
	file string
	line int
}

// Run checks every testdata/<kernels>/*.bpf.c below dir against its wants.
func Run(t *testing.T, dir string, rules ...*verifier.Rule) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.bpf.c"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources below %s (%v)", dir, err)
	}
	for _, f := range files {
		spec := filepath.Base(filepath.Dir(f))
		t.Run(spec+"/"+filepath.Base(f), func(t *testing.T) {
			kernels, err := btfdb.Select(spec)
			if err != nil {
				t.Fatal(err)
			}
			runFile(t, f, kernels, rules)
		})
	}
}

func runFile(t *testing.T, file string, kernels []*btfdb.Kernel, rules []*verifier.Rule) {
	t.Helper()
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	u, err := cindex.New(cindex.OSFS{}, cindex.Config{}).Unit(ctx, abs)
	if err != nil {
		t.Fatal(err)
	}
	wants := map[line][]*want{}
	for _, f := range u.Files {
		collect(t, f, wants)
	}
	for _, f := range verifier.Check(ctx, u, kernels, rules) {
		match(t, f, wants)
	}
	for at, ws := range wants {
		for _, w := range ws {
			if !w.met {
				t.Errorf("%s:%d: nothing found for want %s %q", at.file, at.line, w.rule, w.re)
			}
		}
	}
}

func collect(t *testing.T, f *cindex.File, wants map[line][]*want) {
	t.Helper()
	for i, text := range strings.Split(string(f.Content), "\n") {
		m := wantComment.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		at := line{filepath.Base(f.Path), i + 1}
		ws, err := parseWants(m[1])
		if err != nil {
			t.Fatalf("%s:%d: %v", at.file, at.line, err)
		}
		wants[at] = append(wants[at], ws...)
	}
}

func parseWants(s string) ([]*want, error) {
	var out []*want
	for s = strings.TrimSpace(s); s != ""; {
		m := wantItem.FindStringSubmatch(s)
		if m == nil {
			return nil, fmt.Errorf("want: cannot read %q", s)
		}
		re, err := regexp.Compile(m[3])
		if err != nil {
			return nil, fmt.Errorf("want: %w", err)
		}
		out = append(out, &want{rule: m[1], severity: m[2], re: re})
		s = s[len(m[0]):]
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("want: nothing wanted")
	}
	return out, nil
}

func match(t *testing.T, f verifier.Finding, wants map[line][]*want) {
	t.Helper()
	n, _ := f.At.File.Lines.OffsetLineCol(f.At.Span.Start)
	at := line{filepath.Base(f.At.File.Path), n + 1}
	for _, w := range wants[at] {
		if !w.met && w.rule == f.Rule && (w.severity == "" || w.severity == f.Severity.String()) && w.re.MatchString(f.Message) {
			w.met = true
			return
		}
	}
	t.Errorf("%s:%d: unexpected %s %s: %s", at.file, at.line, f.Severity, f.Rule, f.Message)
}
