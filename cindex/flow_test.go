package cindex

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// render spells a statement in a line of Lisp.
func (s *Stmt) render(b *strings.Builder) {
	if s == nil {
		b.WriteString("-")
		return
	}
	name := [...]string{
		"expr", "block", "decl", "if", "while", "do", "for", "switch", "case", "default",
		"return", "goto", "label", "break", "continue", "asm",
	}[s.Kind]
	b.WriteString("(" + name)
	for _, w := range []string{s.Name, s.Type, s.Cleanup} {
		if w != "" {
			b.WriteString(" " + strings.ReplaceAll(w, " ", "_"))
		}
	}
	for _, sub := range s.List {
		b.WriteByte(' ')
		sub.render(b)
	}
	for _, n := range []*Node{s.X, s.Post} {
		if n != nil {
			b.WriteByte(' ')
			n.render(b)
		}
	}
	for _, sub := range []*Stmt{s.Init, s.Body, s.Else} {
		if sub != nil {
			b.WriteByte(' ')
			sub.render(b)
		}
	}
	b.WriteByte(')')
}

func (n *Node) render(b *strings.Builder) {
	name := [...]string{
		"?", "", "", "str", "call", ".", "->", "[]", "*", "&", "!", "", "", "&&", "||", "?:",
		"=", "step", ",", "cast", "{}", "({})", "fact",
	}[n.Kind]
	switch n.Kind {
	case NodeName:
		b.WriteString(n.Name)
		return
	case NodeInt:
		fmt.Fprint(b, n.Int)
		return
	}
	if name == n.Name || n.Kind == NodeAnd || n.Kind == NodeOr {
		name = ""
	}
	b.WriteString("(" + strings.TrimSpace(name+" "+n.Name+strings.ReplaceAll(n.Type, " ", "_")))
	for _, x := range append([]*Node{n.X, n.Y, n.Z}, n.Args...) {
		if x != nil && !(n.Kind == NodeCall && x == n.X && n.Name != "") {
			b.WriteByte(' ')
			x.render(b)
		}
	}
	if n.Body != nil {
		b.WriteByte(' ')
		n.Body.render(b)
	}
	b.WriteByte(')')
}

// Bodies are read as the compiler would see them: macros expanded, cleanups
// and declarations told apart from expressions.
func TestFlow(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"int a = 1, *b; a += f(a, &b);", "(block (decl a int 1) (decl b int_*) (expr (= + a (call f a (& b)))))"},
		{"if (!p) return 0; else p->x = 3;", "(block (if (! p) (return 0) (expr (= (-> x p) 3))))"},
		{"for (i = 0; i < 3; i++) { if (x) break; continue; }", "(block (for (< i 3) (step ++ i) (block (expr (= i 0))) (block (if x (break)) (continue))))"},
		{"out: do f(); while (x && y || z); goto out;", "(block (label out) (do (|| (&& x y) z) (expr (call f))) (goto out))"},
		{"switch (x) { case 1: case A ... B: f(); default: ; }", "(block (switch x (block (case 1) (case A B) (expr (call f)) (default) (expr))))"},
		{"return (struct s *)p ? *q[1].z : ({ g(); 7; });", "(block (return (?: (cast struct_s_* p) (* (. z ([] q 1))) (({}) (block (expr (call g)) (expr 7))))))"},
		{"SCOPED;", "(block (decl g int put (call get)))"},
		{"p = NULL; x = sizeof(f()) + (u64)y;", "(block (expr (= p (cast void_* 0))) (expr (= x (+ (?) (cast u64 y)))))"},
		{`asm volatile("" : "+r"(p)); f();`, "(block (asm) (expr (call f)))"},
		{"if (bpf_ksym_exists(k)) ;", "(block (if (fact) (expr)))"},
	} {
		src := "#define SCOPED int g __attribute__((cleanup(put))) = get()\nint f(void) { " + c.body + " }\n"
		index := New(OSFS{}, Config{})
		index.SetContent("/nowhere/a.bpf.c", []byte(src))
		u, err := index.Unit(context.Background(), "/nowhere/a.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		flow := u.Func("f").Flow()
		if flow == nil || flow.Opaque {
			t.Errorf("%s: no body, or an opaque one", c.body)
			continue
		}
		var b strings.Builder
		flow.Body.render(&b)
		if got := b.String(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
		}
	}
}

// What is not modelled says so.
func TestFlowOpaque(t *testing.T) {
	for _, body := range []string{
		`asm volatile("r0 = 0" ::: "memory");`,
		`asm goto("" : : : : out); out: ;`,
		"\n#ifdef FROM_THE_BUILD\nf();\n#endif\n",
		"else x;",
		"f(a b);",
		strings.Repeat("(", maxDepth+2) + "1" + strings.Repeat(")", maxDepth+2) + ";",
	} {
		index := New(OSFS{}, Config{})
		index.SetContent("/nowhere/a.bpf.c", []byte("int f(void) { "+body+" }\n"))
		u, err := index.Unit(context.Background(), "/nowhere/a.bpf.c")
		if err != nil {
			t.Fatal(err)
		}
		if flow := u.Func("f").Flow(); flow != nil && !flow.Opaque {
			t.Errorf("%.60q: not opaque", body)
		}
	}
}
