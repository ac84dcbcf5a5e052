package syntax

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestHostile feeds what no author writes. Each text must be read in bounded
// time, and what stands behind it must be found where the text lets one see it.
func TestHostile(t *testing.T) {
	rep := strings.Repeat
	const n = 100_000
	after := "\nstatic int after(void)\n{\n\treturn g();\n}\n"
	for _, c := range []struct {
		name, src string
		found     bool // the function behind it
	}{
		{"parens", "int f(void)\n{\n\treturn " + rep("(", n) + "1" + rep(")", n) + ";\n}\n", true},
		{"open parens", "int f(void)\n{\n\treturn " + rep("(", n) + ";\n}\n", true},
		{"open braces", "int f(void)\n" + rep("{", n) + "\n", true},
		{"braces", "int f(void)\n" + rep("{", n) + rep("}", n) + "\n", true},
		{"closing braces", rep("}", n) + "\n", true},
		{"brackets", "int x" + rep("[", n) + rep("]", n) + ";\n", true},
		{"statement expressions", "int f(void)\n{\n\treturn " + rep("({", n) + "1;" + rep("})", n) + ";\n}\n", true},
		{"few statement expressions", "int f(void)\n{\n\treturn " + rep("({ g(", 300) + "1" + rep("); })", 300) + ";\n}\n", true},
		{"calls", "int f(void)\n{\n\treturn " + rep("g(", n) + "1" + rep(")", n) + ";\n}\n", true},
		{"ifs", rep("#if A\n", n) + rep("#endif\n", n), true},
		{"ifs inside", "int f(void)\n{\n" + rep("#if A\n", n) + rep("#else\n", n) + "}\n", true},
		{"long line", "int x = " + rep("1 + ", 10<<20/4) + "1;\n", true},
		{"long comment", "/*" + rep("x", 10<<20) + "*/\n", true},
		{"long string", "char s[] = \"" + rep("x", 10<<20) + "\";\n", true},
		{"long word", "int " + rep("x", 10<<20) + ";\n", true},
		{"open comment", "int x; /* ", false},
		{"starts of declarations", rep("a b{\n", n), true},
		{"starts of functions", rep("int f(void) {\n", 20_000), true},
		{"open prototypes", rep("int f(struct x\n", 20_000), true},
		{"semicolons", rep(";", n) + "\n", true},
		{"words", rep("a ", 60_000) + "\n;\n", true},
		{"lone words", rep("a\n", n) + ";", true},
		{"commas", "int a" + rep(",b", n) + ";\n", true},
		{"fields", "struct s {" + rep("int a;", n) + "};\n", true},
		{"attributes", rep("__weak ", n) + "int f(void) { }\n", true},
		{"macros before", rep("M(x) ", 50_000) + "int f(void) { }\n", true},
		{"elses", "int f(void)\n{\n" + rep("if (a) b(); else ", 20_000) + ";\n}\n", true},
		{"garbage", "int f(void)\n{\n" + rep("@ ` \\ ) ( ] [ \" ' ", 5000) + "\n}\n", true},
		{"nul", rep("\x00", n) + "\n", true},
		{"not UTF-8", "int \xff\xfe\xc3;\n", true},
	} {
		start := time.Now()
		f := Parse([]byte(c.src + after))
		took := time.Since(start)
		if took > 3*time.Minute {
			t.Errorf("%s: %v", c.name, took)
		}
		check(t, f)
		found := false
		for _, d := range f.Decls() {
			found = found || d.Name == "after" && d.Kind == KindFunc
		}
		if found != c.found {
			t.Errorf("%s: function behind it: %v, want %v", c.name, found, c.found)
		}
		for _, off := range []int{0, len(c.src) / 2, len(c.src), len(c.src) + len(after)} {
			queries(t, f, off)
		}
		t.Logf("%-28s %8d bytes %6d pieces %v", c.name, len(c.src), len(f.pieces), took.Round(time.Millisecond))
	}
}

// TestEnds: no offset, inside or outside of a file, is too much to ask for.
func TestEnds(t *testing.T) {
	for _, src := range []string{"", "\n", "x", "#", "#define", "\"", "/*", bom, bom + "int x;", "int x"} {
		f := Parse([]byte(src))
		check(t, f)
		for off := -2; off < len(src)+3; off++ {
			queries(t, f, off)
		}
	}
	if f := Parse(nil); len(f.Decls()) != 0 || !bytes.Equal(f.Content(), nil) {
		t.Error("nothing has declarations")
	}
}
