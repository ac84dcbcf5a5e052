package cindex

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// snippets are what a random edit may put in.
var snippets = []string{
	"x", " ", "\n", "{", "}", "(", ")", ";", "\"", "'", "#", "\\\n", "/*", "*/", "//", ",", "=", "0",
	"#if X\n", "#else\n", "#endif\n", "#define k_a(x) k_b(x)\n", "#include \"h.h\"\n", "#undef k_a\n",
	"static int f(int a) { return k_a(a); }\n", "if (on) ", "return;", "const volatile bool on = 1;\n",
	"SEC(\"syscall\") ", "struct s {", "bpf_for(i, 0, 3) ", "\r\n", "\x00", "\xff", "goto out;", "out:",
	"#pragma once\n", "#ifdef LSP\n", "BPF_STRUCT_OPS(", "enum { A, B = 3 };\n",
}

const editHeader = "#ifndef H\n#define H\n#define k_h(x) k_a(x)\nstatic int in_h(int a) { return k_h(a) + MINE; }\n#endif\n"

// sameAsFresh fails when an index that went through edits tells something else
// than one that reads the result for the first time.
func sameAsFresh(t *testing.T, x *Index, content string) {
	t.Helper()
	got := dump(mustUnit(t, x, "/w/a.bpf.c"), true)
	want := dump(mustUnit(t, New(MapFS{"/w/a.bpf.c": content, "/w/h.h": editHeader}, Config{}), "/w/a.bpf.c"), true)
	if got != want {
		t.Fatalf("facts after an edit differ from those of a fresh parse (-fresh +edited):\n%s\nsource:\n%s",
			cmp.Diff(want, got), content)
	}
}

// edit changes content at a random place.
func edit(rng *rand.Rand, content string) string {
	at := rng.Intn(len(content) + 1)
	end := min(at+rng.Intn(4), len(content))
	if rng.Intn(8) == 0 {
		end = min(at+rng.Intn(200), len(content))
	}
	put := snippets[rng.Intn(len(snippets))]
	if rng.Intn(3) == 0 {
		put = ""
	}
	return content[:at] + put + content[end:]
}

// TestEdits holds the facts after each of many random edits against those of a
// fresh parse.
func TestEdits(t *testing.T) {
	base := "#include \"h.h\"\n#define MINE 3\n" + editSource(t)
	for seed := range int64(6) {
		rng := rand.New(rand.NewSource(seed))
		x := New(MapFS{"/w/h.h": editHeader}, Config{})
		content := base
		for range 150 {
			x.SetContent("/w/a.bpf.c", []byte(content))
			sameAsFresh(t, x, content)
			if rng.Intn(20) == 0 {
				content = base
			} else {
				content = edit(rng, content)
			}
		}
	}
}

// editSource is one source made of those in testdata.
func editSource(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"macros", "guards", "conditionals", "callbacks", "programs"} {
		for _, f := range archive(t, "testdata/"+name+".txt").Files {
			if f.Name == "a.bpf.c" {
				b.Write(f.Data)
			}
		}
	}
	return b.String()
}

// FuzzEdit applies an edit script: each pair of bytes is a place and a snippet.
func FuzzEdit(f *testing.F) {
	f.Add([]byte{1, 3, 200, 4, 90, 9, 17, 22}, "static int f(void) { return k_a(1); }\n")
	f.Add([]byte{0, 18, 5, 20, 255, 19}, "#define k_a(x) k_b(x)\nint g(void) { k_a(2); }\n#include \"h.h\"\n")
	f.Fuzz(func(t *testing.T, script []byte, content string) {
		if len(content) > 4000 || len(script) > 40 {
			return
		}
		x := New(MapFS{"/w/h.h": editHeader}, Config{})
		x.SetContent("/w/a.bpf.c", []byte(content))
		mustUnit(t, x, "/w/a.bpf.c")
		for i := 0; i+1 < len(script); i += 2 {
			at := int(script[i]) * (len(content) + 1) / 256
			put := snippets[int(script[i+1])%len(snippets)]
			if script[i+1] >= 128 {
				end := min(at+len(put), len(content))
				content = content[:at] + content[end:]
			} else {
				content = content[:at] + put + content[at:]
			}
			x.SetContent("/w/a.bpf.c", []byte(content))
			sameAsFresh(t, x, content)
		}
	})
}

// TestEditRedoesOneFunction holds what an edit may cost, on a machine of any
// speed: one function is parsed again, and headers are shared.
func TestEditRedoesOneFunction(t *testing.T) {
	m := benchFS(1000)
	const p = "/w/main.bpf.c"
	x := New(m, Config{})
	for _, word := range []string{"/* try harder", "goto out", "tctx->cpu = i", "\treturn cpu >= 0"} {
		x.SetContent(p, []byte(m[p]))
		before := mustUnit(t, x, p)
		x.SetContent(p, []byte(strings.Replace(m[p], word, "x"+word, 1)))
		after := mustUnit(t, x, p)
		redone := 0
		for r := range after.own.cached {
			if before.own.cached[r] == nil {
				redone++
			}
		}
		if redone > 1 {
			t.Errorf("%q: %d of %d functions parsed again", word, redone, len(after.own.cached))
		}
		for i, l := range after.layers {
			if before.layers[i] != l {
				t.Errorf("%q: header %s was placed again", word, l.res.src.file.Path)
			}
		}
	}
}
