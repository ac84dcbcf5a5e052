package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/cindex"
)

// cursor takes the ¦ out of a text and tells where it was.
func cursor(t *testing.T, src string) (*File, int) {
	t.Helper()
	before, after, ok := strings.Cut(src, "¦")
	if !ok {
		t.Fatalf("no cursor in %q", src)
	}
	return Parse([]byte(before + after)), len(before)
}

func (f *File) slice(s cindex.Span) string { return f.text[s.Start:s.End] }

func TestCallAt(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"void f(void) {\n\tg(a, ¦b);\n}\n", "g 1 [a|b] closed"},
		{"void f(void) {\n\tscx_bpf_dsq_insert(p, ¦\n}\n", "scx_bpf_dsq_insert 1 [p|] open"},
		{"void f(void) {\n\tscx_bpf_dsq_insert(p, ¦\n\treturn;\n}\nint x;\n", "scx_bpf_dsq_insert 1 [p|] open"},
		{"void f(void) {\n\tscx_bpf_dsq_insert(¦\n", "scx_bpf_dsq_insert 0 [] open"},
		{"void f(void) {\n\tscx_bpf_dsq_insert(¦);\n}", "scx_bpf_dsq_insert 0 [] closed"},
		{"void f(void) {\n\touter(1, inner(2, 3¦), 4);\n}", "inner 1 [2|3] closed"},
		{"void f(void) {\n\touter(1, inner(2, 3),¦ 4);\n}", "outer 2 [1|inner(2, 3)|4] closed"},
		{"void f(void) {\n\touter(1, (a + ¦b));\n}", "outer 1 [1|(a + b)] closed"},
		{"void f(void) {\n\tg(a[1, ¦2]);\n}", "-"},
		{"void f(void) {\n\tg(a)¦;\n}", "-"},
		{"void f(void) {\n\tg¦(a);\n}", "-"},
		{"void f(struct x *¦p) {\n}", "-"},
		{"void BPF_STRUCT_OPS(a, struct x *¦p) {\n}", "-"},
		{"void f(void) {\n\tif (g(¦a))\n\t\th();\n}", "g 0 [a] closed"},
		{"void f(void) {\n\tif (¦a)\n\t\th();\n}", "-"},
		{"void f(void) {\n\tbpf_for(i, 0, ¦9) { g(); }\n}", "bpf_for 2 [i|0|9] closed"},
		{"void f(void) {\n\tbpf_for(i, 0, 9) { g(¦); }\n}", "g 0 [] closed"},
		{"void f(void) {\n\tg(p, \"a, b¦\", c);\n}", "g 1 [p|\"a, b\"|c] closed"},
		{"void f(void) {\n\tg(p, ({ h(1); ¦x; }), c);\n}", "-"},
		{"#define M(x) g(x, ¦1)\nint y;\n", "g 1 [x|1] closed"},
		{"#define M(x, ¦y) g(x)\n", "-"},
		{"#define M(x) g(x, ¦\nint y(1);\n", "g 1 [x|] open"},
		{"int a = M(1, ¦2);\n", "M 1 [1|2] closed"},
		{"void f(void) {\n\tfor (i = 0; g(¦i); i++)\n\t\t;\n}", "g 0 [i] closed"},
		{"void f(void) {\n\tfor (i = 0; i < 9; g(i,¦\n", "g 1 [i|] open"},
		{"void f(void) {\n\told(a\n\tnew(b, ¦);\n}", "new 1 [b|] closed"},
		{"SEC(\"¦x\") int f(void) { return 0; }", "-"},
		{"¦", "-"},
	} {
		f, off := cursor(t, c.src)
		got := "-"
		if call, arg, ok := f.CallAt(off); ok {
			var args []string
			for _, a := range call.Args {
				args = append(args, f.slice(a))
			}
			state := map[bool]string{true: "closed", false: "open"}[call.Closed]
			got = fmt.Sprintf("%s %d [%s] %s", call.Name, arg, strings.Join(args, "|"), state)
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
	}
}

func TestPlaceAt(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"int ¦x;", "code"},
		{"int x; // a ¦b", "comment \"// a b\""},
		{"int x; // a b¦\nint y;", "comment \"// a b\""},
		{"int x; // a b\n¦int y;", "code"},
		{"/* a ¦ */ int x;", "comment \"/* a  */\""},
		{"/* a */¦ int x;", "code"},
		{"int x;\n/* a ¦", "comment \"/* a \""},
		{"int f(void) { g(\"a¦b\"); }", "string \"ab\""},
		{"int f(void) { g(\"ab\"¦); }", "code"},
		{"int f(void) { g(¦\"ab\"); }", "code"},
		{"int f(void) { g(\"ab\\\"¦); }", "string \"ab\\\\\\\"); }\""},
		{"int f(void) { g('¦a'); }", "string \"a\""},
		{"SEC(\"struct_ops/¦\")\nint f(void) { }", "section \"struct_ops/\""},
		{"SEC(\"struct_ops/¦\nint f(void) { }", "section \"struct_ops/\""},
		{"SEC(\"¦\")", "section \"\""},
		{"int x SEC(\".m¦aps\");", "section \".maps\""},
		{"#include \"x¦.h\"\n", "include \"#include \\\"x.h\\\"\""},
		{"#if A ¦&& B\nint x;\n#endif", "directive \"#if A && B\""},
		{"#define A ¦1\nint x;", "define \"#define A 1\""},
		{"#define A 1 // x¦\nint x;", "comment \"// x\""},
		{"#define A g(\"¦\")\nint x;", "string \"\""},
		{"#define A \\\n\t¦b\nint x;", "define \"#define A \\\\\\n\\tb\""},
		{"int f(void) {\n#ifdef ¦A\n\tg();\n#endif\n}", "directive \"#ifdef A\""},
		{"¦", "code"},
	} {
		f, off := cursor(t, c.src)
		place, span := f.PlaceAt(off)
		got := place.String()
		if place != PlaceCode {
			got = fmt.Sprintf("%s %q", place, f.slice(span))
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
	}
}

func TestStmtAt(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"void f(void)\n{\n\tint a;\n\tg(¦a);\n}\n", `expr "g(a);" indent "\t" block`},
		{"void f(void)\n{\n\tif (¦a)\n\t\tg(a);\n}\n", `if "if (a)\n\t\tg(a);" indent "\t" block`},
		{"void f(void)\n{\n\tif (a)\n\t\tg(¦a);\n}\n", `expr "g(a);" indent "\t\t"`},
		{"void f(void)\n{\n\tbpf_for(i, 0, 9) {\n\t\tg(i)¦;\n\t}\n}\n", `expr "g(i);" indent "\t\t" block`},
		{"void f(void)\n{\n\tx(); y(¦);\n}\n", `expr "y();" indent "" block`},
		{"void f(void)\n{\n\tint a = g(1,\n\t\t\t¦2);\n}\n", `decl "int a = g(1,\n\t\t\t2);" indent "\t" block`},
		{"void f(void)\n{\n\tswitch (a) {\n\tcase 1:\n\t\tg(¦);\n\t\tbreak;\n\t}\n}\n", `expr "g();" indent "\t\t" block`},
		{"void f(void)\n{\n\tint n = ({ g(¦1); 2; });\n}\n", `expr "g(1);" indent "" block`},
		{"void f(void)\n{\n\treturn g(¦1);\n}\n", `return "return g(1);" indent "\t" block`},
		{"void f(void)\n{\nout:\n\tg(¦1);\n}\n", `expr "g(1);" indent "\t"`},
		{"void ¦f(void)\n{\n\tg();\n}\n", "-"},
		{"int ¦x;", "-"},
	} {
		f, off := cursor(t, c.src)
		got := "-"
		if s, ok := f.StmtAt(off); ok {
			got = fmt.Sprintf("%s %q indent %q", s.Kind, f.slice(s.Span), f.slice(s.Indent))
			if s.InBlock {
				got += " block"
			}
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
		if all := f.StmtsAt(off); len(all) > 0 && f.slice(all[0].Span) == "" {
			t.Errorf("%q: %v", c.src, all)
		}
	}
}

func TestInitAt(t *testing.T) {
	table := func(s string) string { return "struct sched_ext_ops ops = {" + s + "};\n" }
	for _, c := range []struct{ src, want string }{
		{table("\n\t.enq¦ueue = (void *)f,\n"), "ops enqueue member"},
		{table("\n\t.enqueue = (void *)f¦,\n"), "ops enqueue value"},
		{table("\n\t.¦\n"), "ops  member"},
		{table("\n\t.enqueue = f,\n\t.¦\n"), "ops  member"},
		{table("\n\t.enqueue = f,\n\t.di¦\n\t.init = g,\n"), "ops di member"},
		{table("\n\t.enqueue = f,\n\t¦\n"), "ops  member"},
		{table("¦"), "ops  member"},
		{"SCX_OPS_DEFINE(ops, .en¦ = (void *)f);\n", "ops en member"},
		{"SCX_OPS_DEFINE(ops,\n\t.a = f,\n\t.¦);\n", "ops  member"},
		{"SCX_OPS_DEFINE(ops, .en = (void *)¦f);\n", "ops en value"},
		{"struct sched_ext_ops ops = {\n\t.a = f,\n\t.¦\n\nint x(void) { return 0; }\n", "ops  member"},
		{"struct sched_ext_ops ¦ops = { .a = f };\n", "-"},
		{"struct other o = { .a¦ = 1 };\n", "-"},
		{"int x¦;", "-"},
	} {
		f, off := cursor(t, c.src)
		got := "-"
		if d, in, member, ok := f.InitAt(off); ok {
			got = d.Name + " " + in.Member + map[bool]string{true: " member", false: " value"}[member]
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
	}
}

func TestIdentAt(t *testing.T) {
	const src = "#define LIM(x) lim(x)\n" +
		"struct ctx { u64 a; };\n" +
		"SEC(\"tc\") int run(struct ctx *c)\n{\n" +
		"\tint a = c->a;\nagain:\n\tif (LIM(a)) goto again;\n\tg(&cb, a);\n\treturn a;\n}\n" +
		"struct x_ops o = { .run = run };\n"
	f := Parse([]byte(src))
	for _, c := range []struct{ name, want string }{
		{"LIM", "decl call"},
		{"a", "decl decl field call-arg:other other other"},
		{"ctx", "decl type"},
		{"run", "decl member other"},
		{"again", "label label"},
		{"g", "call"},
		{"cb", "other"},
		{"SEC", "macro"},
		{"x", "decl other"},
		{"nothing", ""},
	} {
		var roles []string
		for _, id := range f.Idents(c.name) {
			roles = append(roles, id.Role.String())
			for _, off := range []int{id.Span.Start, id.Span.End} {
				if at, ok := f.IdentAt(off); !ok || at != id {
					t.Errorf("IdentAt(%d) = %v, want %v", off, at, id)
				}
			}
		}
		if got := strings.Join(roles, " "); got != strings.ReplaceAll(c.want, "call-arg:", "") {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, ok := f.IdentAt(strings.Index(src, "{")); ok {
		t.Error("a brace is an identifier")
	}
	if n := len(f.Calls("g")); n != 1 {
		t.Errorf("%d calls of g", n)
	}
}

func TestDeclAt(t *testing.T) {
	const src = "/* before */\n\n// one\n// two\nstatic int f(void)\n{\n#define IN 1\n\treturn IN;\n}\n/* of g */\nint g;\nint h;\n"
	f := Parse([]byte(src))
	for _, c := range []struct{ at, decl, fn, doc string }{
		{"return", "f", "f", "// one\n// two"},
		{"IN 1", "IN", "f", ""},
		{"g;", "g", "", "/* of g */"},
		{"h;", "h", "", ""},
		{"before", "", "", ""},
	} {
		off := strings.Index(src, c.at)
		d, _ := f.DeclAt(off)
		fn, _ := f.FuncAt(off)
		doc := ""
		if d.Name != "" {
			doc = f.slice(f.Doc(d))
		}
		if d.Name != c.decl || fn.Name != c.fn || doc != c.doc {
			t.Errorf("%s: decl %q func %q doc %q, want %v", c.at, d.Name, fn.Name, doc, c)
		}
	}
}
