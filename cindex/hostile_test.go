package cindex

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostile are sources that no author writes. Each must be read in bounded
// time, and the function at the end must be found where that is possible.
func hostile() map[string]string {
	good := "\nstatic int good(void) { return k_good(); }\n"
	nest := func(open, end string, n int) string {
		return strings.Repeat(open, n) + "k_deep()" + strings.Repeat(end, n)
	}
	var bomb, chain strings.Builder
	bomb.WriteString("#define B0(x) x x\n")
	chain.WriteString("#define C0 k_chain()\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&bomb, "#define B%d(x) B%d(B%d(x))\n", i, i-1, i-1)
	}
	for i := 1; i < 2000; i++ {
		fmt.Fprintf(&chain, "#define C%d C%d\n", i, i-1)
	}
	return map[string]string{
		"not UTF-8":     "static int \xff\xfe(void) { k_\x80(\xc3); }" + good,
		"NUL":           "static int f(void) {\x00 k_a\x00(1); }" + good,
		"CRLF":          strings.ReplaceAll("#define A(x) \\\n k_a(x)\nstatic int f(void)\n{\n\tA(1);\n}\n"+good, "\n", "\r\n"),
		"BOM":           "\xef\xbb\xbf#define X 1\n" + good,
		"splices":       strings.Repeat("st\\\natic int f(vo\\\r\nid) { k_\\\na(); }\n", 100) + good,
		"long line":     "static int f(void) { " + strings.Repeat("k_a(1); ", 10<<20/8) + "}" + good,
		"long comment":  "/*" + strings.Repeat("*", 10<<20) + "*/" + good,
		"long string":   "char s[] = \"" + strings.Repeat("a", 10<<20) + "\";" + good,
		"long name":     "int " + strings.Repeat("a", 1<<20) + "(void) { return 0; }" + good,
		"deep parens":   "static int f(void) { return " + nest("(", ")", 100_000) + "; }" + good,
		"deep braces":   "static int f(void) " + nest("{", "}", 100_000) + good,
		"deep ifs":      "static int f(void) { " + nest("if (x) ", ";", 100_000) + " }" + good,
		"deep calls":    "static int f(void) { " + nest("g(", ")", 50_000) + "; }" + good,
		"deep #if":      strings.Repeat("#if 1\n", 100_000) + strings.Repeat("#endif\n", 100_000) + good,
		"open braces":   strings.Repeat("static int f(void) {\n", 5_000) + good,
		"open parens":   strings.Repeat("(\nx ", 50_000) + good,
		"stray closers": strings.Repeat("})];", 50_000) + good,
		"macro bomb":    bomb.String() + "static int f(void) { B59(k_a();) }" + good,
		"macro chain":   chain.String() + "static int f(void) { C1999; }" + good,
		"macro recursion": "#define F(x) G(x) F\n#define G(x) F(x) G\nstatic int f(void) { " +
			strings.Repeat("F(", 3000) + strings.Repeat(")", 3000) + " }" + good,
		"paste bomb":       "#define P(x) x##x\n#define Q(x) P(x)\nint a = " + strings.Repeat("Q(", 100) + "a" + strings.Repeat(")", 100) + ";" + good,
		"many arguments":   "#define M(a, b...) k_m(b)\nstatic int f(void) { M(" + strings.Repeat("1,", 200_000) + "1); }" + good,
		"many operators":   "static int f(void) { return " + strings.Repeat("a + ", 200_000) + "a; }" + good,
		"many guards":      "static int f(int a) { " + strings.Repeat("if (!a) return 0; ", 20_000) + "k_a(); }" + good,
		"self include":     "#include \"a.bpf.c\"\n#include \"a.bpf.c\"\n" + good,
		"unterminated":     "#define\n#include\n#if\n#elif\n\"\n'\n#endif\n#else\n#define X(\n#define Y(a" + good,
		"backslash ends":   good + "\\",
		"only a hash":      "#",
		"empty":            "",
		"unary chain":      "static int f(void) { return " + strings.Repeat("!", 200_000) + "a; }" + good,
		"ternary chain":    "static int f(void) { return " + strings.Repeat("a ? b : ", 100_000) + "a; }" + good,
		"declarator stars": "int " + strings.Repeat("*", 200_000) + "p;" + good,
		"declarator nest":  "int " + strings.Repeat("(", 50_000) + "p" + strings.Repeat(")", 50_000) + ";" + good,
	}
}

// TestOddBytes reads text that is legal, but seldom seen.
func TestOddBytes(t *testing.T) {
	srcs := hostile()
	for name, want := range map[string]string{
		"CRLF": "k_a", "splices": "k_a", "NUL": "k_a", "not UTF-8": "k_\x80",
	} {
		u := mustUnit(t, New(MapFS{"/w/a.bpf.c": srcs[name]}, Config{}), "/w/a.bpf.c")
		fn := "f"
		if name == "not UTF-8" {
			fn = "\xff\xfe"
		}
		if got := calls(u, fn); got != want {
			t.Errorf("%s: calls %q, want %q", name, got, want)
		}
	}
}

func TestHostile(t *testing.T) {
	lost := map[string]bool{"only a hash": true, "empty": true}
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			x := New(MapFS{"/w/a.bpf.c": src}, Config{})
			start := time.Now()
			u := mustUnit(t, x, "/w/a.bpf.c")
			if took := time.Since(start); took > 3*time.Minute {
				t.Errorf("took %v", took)
			}
			if f := u.Func("good"); !lost[name] && (f == nil || len(f.Calls) != 1 || f.Calls[0].Callee != "k_good") {
				t.Errorf("the function behind is lost")
			}
			if name == "deep parens" || name == "deep calls" || name == "deep ifs" || name == "deep braces" {
				found := false
				for _, c := range u.Func("f").Calls {
					found = found || c.Callee == "k_deep"
				}
				if !found {
					t.Errorf("the call at the bottom is lost")
				}
			}
		})
	}
}

// TestFilesVanish reads a tree with link loops, fifos and files that go away.
func TestFilesVanish(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("s/a.bpf.c", "#include \"h.h\"\n#include \"dir/h2.h\"\nstatic int f(void) { return H(); }\n")
	write("s/h.h", "#define H() k_h()\n")
	write("s/dir/h2.h", "static int h2(void) { return 0; }\n")
	for link, to := range map[string]string{"s/loop": "..", "s/self": "self", "s/gone": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	if got := Sources(OSFS{}, dir); len(got) != 1 || filepath.Base(got[0]) != "a.bpf.c" {
		t.Errorf("sources: %v", got)
	}
	x := New(OSFS{}, Config{Roots: []string{dir}})
	main := filepath.Join(dir, "s/a.bpf.c")
	if c := mustUnit(t, x, main).Func("f").Calls; len(c) != 1 || c[0].Callee != "k_h" {
		t.Fatalf("calls: %v", c)
	}
	os.Remove(filepath.Join(dir, "s/h.h"))
	x.Invalidate(filepath.Join(dir, "s/h.h"))
	u := mustUnit(t, x, main)
	if len(u.Missing) != 1 || u.Func("f").Calls[0].Callee != "H" {
		t.Errorf("the header is gone, and still: %s", dump(u, true))
	}
	write("s/h.h", "#define H() k_new()\n")
	x.Invalidate(filepath.Join(dir, "s/h.h"))
	if c := mustUnit(t, x, main).Func("f").Calls; len(c) != 1 || c[0].Callee != "k_new" {
		t.Errorf("the header is back, and still: %v", c)
	}
	os.Remove(main)
	x.Invalidate(main)
	if _, err := x.Unit(context.Background(), main); err == nil {
		t.Errorf("a source that is gone is still read")
	}
}

func FuzzUnit(f *testing.F) {
	for name, src := range hostile() {
		if len(src) < 2000 {
			f.Add(name + src)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		start := time.Now()
		u := mustUnit(t, New(MapFS{"/w/a.bpf.c": src, "/w/h.h": editHeader}, Config{}), "/w/a.bpf.c")
		if took := time.Since(start); took > 3*time.Minute {
			t.Fatalf("took %v", took)
		}
		for _, fn := range u.Funcs() {
			size := len(fn.At.File.Content)
			for _, s := range append([]Span{fn.At.Span, fn.Body}, spans(fn)...) {
				if s.Start < 0 || s.End < s.Start || s.End > size {
					t.Fatalf("%s: span %v outside of the file", fn.Name, s)
				}
			}
		}
	})
}

func spans(f *Func) []Span {
	var out []Span
	for i := range f.Calls {
		out = append(out, f.Calls[i].At)
	}
	return out
}
