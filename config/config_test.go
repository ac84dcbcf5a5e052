package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testKnown = Known{
	Rules: []string{"kfunc-context", "kfunc-null"}, Features: []string{"hover", "codeLens"},
	Kernels: func(spec string) error {
		if spec == "3.14" {
			return errors.New("no kernel 3.14")
		}
		return nil
	},
}

const whole = `# all keys
kernels = "6.12..newest"
include = ["inc", "/usr/include"]
defines = ["DEBUG", "N=4"]

[rules]
kfunc-context = "warning"
"kfunc-null" = "off"

[[object]]
sources = ["a.bpf.c", "lib/*.bpf.c"]
[[object]]
sources = ["b/**/*.bpf.c"]

[[path]]
glob = "tests/**"
rules = { kfunc-context = "off" }

[features]
hover = false

[completion]
refused = "hide"

[build]
objects = ["build/*.bpf.o"]
command = ["make", "-j"]

[rodata]
smt_enabled = true
nr_cpus = 1_024

[verify]
kernels = ["running"]
`

func TestRead(t *testing.T) {
	f := Read("/p/.scx-lsp.toml", []byte(whole), testKnown)
	want := Settings{
		Kernels: "6.12..newest", Include: []string{"inc", "/usr/include"}, Defines: []string{"DEBUG", "N=4"},
		Rules:    map[string]string{"kfunc-context": "warning", "kfunc-null": "off"},
		Objects:  []Object{{[]string{"a.bpf.c", "lib/*.bpf.c"}}, {[]string{"b/**/*.bpf.c"}}},
		Paths:    []PathRules{{"tests/**", map[string]string{"kfunc-context": "off"}}},
		Features: map[string]bool{"hover": false}, Completion: Completion{"hide"},
		Build:  Build{[]string{"build/*.bpf.o"}, []string{"make", "-j"}},
		Rodata: map[string]Scalar{"smt_enabled": "true", "nr_cpus": "1024"}, Verify: Verify{[]string{"running"}},
	}
	if diff := cmp.Diff(want, f.Settings); diff != "" || len(f.Problems) > 0 {
		t.Errorf("%v\n%s", f.Problems, diff)
	}
	if got := f.IncludeDirs(); !slices.Equal(got, []string{"/p/inc", "/usr/include"}) {
		t.Errorf("include %q", got)
	}
	if got := f.Macros(); got["DEBUG"] != "1" || got["N"] != "4" {
		t.Errorf("defines %q", got)
	}
	if got := f.ObjectOf("/p/b/x/y.bpf.c"); !slices.Equal(got, []string{"/p/b/**/*.bpf.c"}) {
		t.Errorf("object %q", got)
	}
	if got := f.ObjectOf("/p/c.bpf.c"); got != nil {
		t.Errorf("object %q", got)
	}
}

// TestProblems: each mistake is told where it is, and what is right counts.
func TestProblems(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"kernel = \"7.3\"", `kernel: unknown key "kernel"; did you mean "kernels"?`},
		{"kernels = 7", "7: want a string, have a number"},
		{"kernels = \"3.14\"", `"3.14": no kernel 3.14`},
		{"include = \"x\"", `"x": want a list, have a string`},
		{"include = [\"x\", 3]", "3: want a string, have a number"},
		{"defines = [\"1x\"]", `"1x": "1x" is neither NAME nor NAME=VALUE`},
		{"[rules]\nkfunc-contxt = \"off\"", `kfunc-contxt: unknown rule "kfunc-contxt"; did you mean "kfunc-context"?`},
		{"[rules]\nkfunc-null = \"fatal\"", `"fatal": "fatal" is none of error, warning, info, hint, off`},
		{"[features]\nhover = \"no\"", `"no": want true or false, have a string`},
		{"[nowhere]\nx = 1", `nowhere: unknown key "nowhere"`},
		{"[[path]]\nglob = \"a[\"", `"a[": [ is not closed`},
		{"[[object]]\nsource = []", `source: unknown key "source"; did you mean "sources"?`},
		{"completion.refused = \"first\"", `"first": "first" is none of hide, last`},
		{"rodata = {a = 1.5}", "1.5: want a whole number or true or false, have a number"},
		{"rules = 3", "3: want a table, have a number"},
		{"object = 1979-05-27", "1979-05-27: want a list, have a date"},
	} {
		f := Read("/p/.scx-lsp.toml", []byte("defines = [\"OK\"]\n\n"+tc.text+"\n"), testKnown)
		if strings.HasPrefix(tc.text, "defines") {
			f = Read("/p/.scx-lsp.toml", []byte(tc.text), testKnown)
		} else if !slices.Contains(f.Defines, "OK") {
			t.Errorf("%q: what is right does not count", tc.text)
		}
		text := "defines = [\"OK\"]\n\n" + tc.text
		if strings.HasPrefix(tc.text, "defines") {
			text = tc.text
		}
		var got []string
		for _, p := range f.Problems {
			got = append(got, fmt.Sprintf("%s: %s", text[p.Start:p.End], p.Message))
		}
		if !slices.Equal(got, []string{tc.want}) {
			t.Errorf("%q: %q, want %q", tc.text, got, tc.want)
		}
	}
}

// TestSyntax: a file that is no TOML says nothing, and why.
func TestSyntax(t *testing.T) {
	for _, tc := range []struct {
		text string
		line int
	}{
		{"kernels = \"7.3\"\nrules = {", 2},
		{"\n\nkernels = ", 3},
		{"kernels = \"a\"\nkernels = \"b\"", 2},
		{"[rules]\n[rules]", 2},
		{"a = 1\n[a.b]\nc = 2", 2},
	} {
		f := Read("x", []byte(tc.text), testKnown)
		if !f.Broken || len(f.Problems) != 1 {
			t.Errorf("%q: %+v", tc.text, f)
			continue
		}
		if line := 1 + strings.Count(tc.text[:f.Problems[0].Start], "\n"); line != tc.line {
			t.Errorf("%q: line %d, want %d: %+v", tc.text, line, tc.line, f.Problems)
		}
	}
}

func TestGlobs(t *testing.T) {
	f := &File{Path: "/p/.scx-lsp.toml"}
	for _, tc := range []struct {
		glob, path string
		want       bool
	}{
		{"a.c", "/p/a.c", true},
		{"a.c", "/p/x/a.c", false},
		{"*.c", "/p/x/a.c", false},
		{"**/*.c", "/p/a.c", true},
		{"**/*.c", "/p/x/y/a.c", true},
		{"x/**", "/p/x/y/a.c", true},
		{"x/**", "/p/xx/a.c", false},
		{"{a,b}.c", "/p/b.c", true},
		{"{a,b}.c", "/p/c.c", false},
		{"[a-c].c", "/p/b.c", true},
		{"[!a-c].c", "/p/b.c", false},
		{"a.c", "/p/aXc", false},
		{"/q/*.c", "/q/a.c", true},
		{"?.c", "/p/ab.c", false},
	} {
		if got := f.Match(tc.glob, tc.path); got != tc.want {
			t.Errorf("%q matches %q: %v", tc.glob, tc.path, got)
		}
	}
}

// disk is a file system of a test.
type disk map[string]string

func (d disk) read(name string) ([]byte, error) {
	text, ok := d[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

// TestStore: the nearest file upwards counts; one that breaks counts as it was.
func TestStore(t *testing.T) {
	d := disk{"/p/.scx-lsp.toml": `kernels = "7.3"`, "/p/a/b/.scx-lsp.toml": `kernels = "7.1"`}
	s := NewStore(testKnown, d.read)
	want := func(p, kernels string, problems int) {
		t.Helper()
		if f := s.For(p); f.Kernels != kernels || len(f.Problems) != problems {
			t.Errorf("%s: %q, %v; want %q", p, f.Kernels, f.Problems, kernels)
		}
	}
	want("/p/x.bpf.c", "7.3", 0)
	want("/p/a/x.bpf.c", "7.3", 0)
	want("/p/a/b/c/x.bpf.c", "7.1", 0)
	want("/q/x.bpf.c", "", 0)
	d["/p/.scx-lsp.toml"] = `kernels = `
	want("/p/x.bpf.c", "7.3", 0) // nobody has said that it changed
	if !s.Changed("/p/.scx-lsp.toml") || s.Changed("/p/x.bpf.c") {
		t.Error("which change matters?")
	}
	want("/p/x.bpf.c", "7.3", 1)
	d["/p/.scx-lsp.toml"] = `kernels = "6.18"`
	s.Changed("/p/.scx-lsp.toml")
	want("/p/x.bpf.c", "6.18", 0)
	delete(d, "/p/a/b/.scx-lsp.toml")
	s.Changed("/p/a/b/.scx-lsp.toml")
	want("/p/a/b/c/x.bpf.c", "6.18", 0)
	if n := len(s.Files()); n != 1 {
		t.Errorf("%d files", n)
	}
}

// FuzzRead: any text gives settings or problems, problems lie within the text.
func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Add("a.b.c = {d = [1, {e = 2}]}\n[[a.x]]\n[a.x.y]\n")
	f.Add("[[path]]\n[path.rules]\nx = 'y'\n[[path.rules]]")
	f.Fuzz(func(t *testing.T, text string) {
		file := Read("x", []byte(text), testKnown)
		for _, p := range file.Problems {
			if p.Start < 0 || p.Start > p.End || p.End > len(text) || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
