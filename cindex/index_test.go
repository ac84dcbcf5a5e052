package cindex

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// calls gives the callees of a function, joined.
func calls(u *Unit, name string) string {
	f := u.Func(name)
	if f == nil {
		return "no " + name
	}
	var out []string
	for i := range f.Calls {
		out = append(out, f.Calls[i].Callee)
	}
	return strings.Join(out, " ")
}

const useH = "#include SPEC\nstatic int f(void) { return H(); }\n"

func TestHeaderSearch(t *testing.T) {
	header := "#define H() k_found()\n"
	tests := []struct {
		name, main, spec, header string
		files                    MapFS
		conf                     Config
	}{
		{name: "beside the source", main: "/w/s/a.bpf.c", spec: `"h.h"`, header: "/w/s/h.h"},
		{name: "relative", main: "/w/s/a.bpf.c", spec: `"../x/h.h"`, header: "/w/x/h.h"},
		{name: "scx tree", main: "/r/scheds/rust/scx_a/src/bpf/main.bpf.c", spec: "<scx/common.bpf.h>", header: "/r/scheds/include/scx/common.bpf.h"},
		{name: "scx library", main: "/r/scheds/rust/scx_a/src/bpf/main.bpf.c", spec: "<lib/sdt_task.h>", header: "/r/scheds/include/lib/sdt_task.h"},
		{name: "kernel tree", main: "/l/tools/sched_ext/scx_a.bpf.c", spec: "<scx/common.bpf.h>", header: "/l/tools/sched_ext/include/scx/common.bpf.h"},
		{name: "kernel selftest", main: "/l/tools/testing/selftests/sched_ext/a.bpf.c", spec: "<scx/common.bpf.h>", header: "/l/tools/sched_ext/include/scx/common.bpf.h"},
		{name: "kernel's libbpf", main: "/l/tools/sched_ext/scx_a.bpf.c", spec: "<bpf/bpf_helpers.h>", header: "/l/tools/lib/bpf/bpf_helpers.h"},
		{name: "system libbpf", main: "/w/a.bpf.c", spec: "<bpf/bpf_helpers.h>", header: "/usr/include/bpf/bpf_helpers.h"},
		{name: "configured", main: "/w/a.bpf.c", spec: "<x/h.h>", header: "/opt/x/h.h", conf: Config{IncludeDirs: []string{"/opt"}}},
		{name: "somewhere in the workspace", main: "/w/a/b/a.bpf.c", spec: "<deep/h.h>", header: "/w/third/party/deep/h.h", conf: Config{Roots: []string{"/w"}}},
		{
			name: "compile_commands.json, one string", main: "/w/a.bpf.c", spec: "<h.h>", header: "/opt/in c/h.h",
			files: MapFS{"/w/compile_commands.json": `[{"directory":"/w","file":"a.bpf.c","command":"clang '-I/opt/in c' -c a.bpf.c"}]`},
		},
		{
			name: "compile_commands.json, a list, in build", main: "/w/s/a.bpf.c", spec: "<h.h>", header: "/w/b/inc/h.h",
			files: MapFS{"/w/build/compile_commands.json": `[{"directory":"/w/b","file":"/w/s/a.bpf.c","arguments":["clang","-isystem","inc"]}]`},
		},
		{
			name: ".clangd", main: "/w/s/a.bpf.c", spec: "<h.h>", header: "/w/inc/h.h",
			files: MapFS{"/w/.clangd": "CompileFlags:\n  Remove: [-mfoo]\n  Add:\n    - -Iinc # here\n    - -DLSP\n"},
		},
		{name: "through a macro", main: "/w/a.bpf.c", spec: "WHERE", header: "/w/in/h.h", conf: Config{Defines: map[string]string{"WHERE": "<in/h.h>"}}, files: MapFS{"/w/include/x.h": ""}},
		{name: "include_next", main: "/w/a.bpf.c", spec: `"n/h.h"`, header: "/w/include/n/h.h", files: MapFS{"/w/n/h.h": "#include_next <n/h.h>\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := MapFS{tt.main: strings.Replace(useH, "SPEC", tt.spec, 1), tt.header: header}
			for p, s := range tt.files {
				m[p] = s
			}
			u := mustUnit(t, New(m, tt.conf), tt.main)
			if got := calls(u, "f"); got != "k_found" {
				t.Errorf("calls %q, missing %+v", got, u.Missing)
			}
			if !slices.ContainsFunc(u.Files, func(f *File) bool { return f.Path == tt.header }) {
				t.Errorf("%s is not among the files", tt.header)
			}
		})
	}
}

func TestDefines(t *testing.T) {
	src := "#ifdef MINE\nint f(void) { return MINE; }\n#endif\n#ifdef LSP\nint lsp(void) { return 0; }\n#endif\n#ifdef __TARGET_ARCH_x86\nint x86(void) { return 0; }\n#endif\n"
	m := MapFS{"/w/a.bpf.c": src, "/w/.clangd": "CompileFlags:\n  Add: [-DMINE=k(3), -DLSP, -D__TARGET_ARCH_arm64]\n"}
	u := mustUnit(t, New(m, Config{}), "/w/a.bpf.c")
	if f := u.Func("f"); f == nil || f.Unsure || calls(u, "f") != "k" {
		t.Errorf("-DMINE is not seen: %s", dump(u, true))
	}
	if u.Func("lsp") != nil {
		t.Errorf("LSP is for clangd, the compiler does not define it")
	}
	if u.Func("x86") != nil {
		t.Errorf("another architecture was asked for")
	}
}

func TestOverlay(t *testing.T) {
	m := MapFS{"/w/a.bpf.c": "#include \"h.h\"\nint f(void) { return H(); }\n", "/w/h.h": "#define H() k_disk()\n"}
	x := New(m, Config{})
	want := func(callee string) {
		t.Helper()
		if got := calls(mustUnit(t, x, "/w/a.bpf.c"), "f"); got != callee {
			t.Errorf("calls %q, want %q", got, callee)
		}
	}
	want("k_disk")
	if got := x.Includers("/w/h.h"); !slices.Equal(got, []string{"/w/a.bpf.c"}) {
		t.Errorf("includers: %v", got)
	}
	before := mustUnit(t, x, "/w/a.bpf.c")
	if mustUnit(t, x, "/w/a.bpf.c") != before {
		t.Errorf("nothing changed, and the unit is another one")
	}
	x.SetContent("/w/h.h", []byte("#define H() k_open()\n"))
	want("k_open")
	m["/w/h.h"] = "#define H() k_saved()\n"
	x.Invalidate("/w/h.h")
	want("k_open")
	x.Forget("/w/h.h")
	want("k_saved")
	x.SetContent("/w/a.bpf.c", []byte("#include \"new.h\"\nint f(void) { return H(); }\n"))
	want("H")
	x.SetContent("/w/new.h", []byte("#define H() k_unsaved()\n"))
	want("k_unsaved")
	if calls(before, "f") != "k_disk" {
		t.Errorf("an old unit changed")
	}
	if _, err := x.Unit(context.Background(), "/w/none.bpf.c"); err == nil {
		t.Errorf("no error for a source that is not there")
	}
}

// TestConcurrent edits and reads from several goroutines; the race detector
// watches.
func TestConcurrent(t *testing.T) {
	m, mains := workspaceFS()
	mains = mains[:6]
	x := New(m, Config{})
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range 12 {
				p := mains[(n+i)%len(mains)]
				if n == 0 {
					x.SetContent(p, []byte(m[p]+fmt.Sprintf("int extra_%d(void) { return 0; }\n", i)))
					x.Invalidate("/w/h/gen_1.h")
				}
				u := mustUnit(t, x, p)
				if len(u.Tables) != 1 || len(u.Funcs()) < 10 {
					t.Errorf("%s: %d tables, %d functions", p, len(u.Tables), len(u.Funcs()))
				}
				x.Includers("/w/h/gen_2.h")
			}
		})
	}
	wg.Wait()
}

func TestSymbols(t *testing.T) {
	m := MapFS{
		"/w/a.bpf.c": "#include \"h.h\"\nstruct foo { int a; };\nenum { ONE };\nconst volatile int knob;\nstatic int use(void) { /* helper */ return helper(ONE) + HELPER(knob) + \"helper\"[0]; }\n",
		"/w/h.h":     "int helper(int a);\n#define HELPER(x) helper(x)\nint k(void) __ksym;\nint helper(int a) { return k(); }\n",
	}
	u := mustUnit(t, New(m, Config{}), "/w/a.bpf.c")
	for name, want := range map[string]string{
		"helper": "0 h.h:3:4, 7 h.h:0:4", "HELPER": "1 h.h:1:8", "foo": "5 a.bpf.c:1:7", "struct foo": "5 a.bpf.c:1:7",
		"ONE": "4 a.bpf.c:2:7", "knob": "3 a.bpf.c:3:19", "k": "6 h.h:2:4", "nothing": "",
	} {
		var got []string
		for _, s := range u.Symbols(name) {
			line, col := s.At.File.Lines.OffsetLineCol(s.At.Span.Start)
			got = append(got, fmt.Sprintf("%d %s:%d:%d", s.Kind, base(s.At.File.Path), line, col))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("symbols of %s: %v, want %s", name, got, want)
		}
	}
	var refs []string
	for _, l := range u.References("helper") {
		line, _ := l.File.Lines.OffsetLineCol(l.Span.Start)
		refs = append(refs, fmt.Sprintf("%s:%d", base(l.File.Path), line))
	}
	if got := strings.Join(refs, " "); got != "a.bpf.c:4 h.h:0 h.h:1 h.h:3" {
		t.Errorf("references: %s", got)
	}
}

func TestIdentAt(t *testing.T) {
	src := []byte("a1 = foo_bar(2x);")
	for off, want := range map[int]string{0: "a1", 2: "a1", 3: "", 5: "foo_bar", 8: "foo_bar", 12: "foo_bar", 14: "", 99: ""} {
		got, span := IdentAt(src, off)
		if got != want || got != "" && string(src[span.Start:span.End]) != want {
			t.Errorf("at %d: %q %v, want %q", off, got, span, want)
		}
	}
}

// TestVmlinux makes sure that the kernel's types are never opened.
func TestVmlinux(t *testing.T) {
	m := MapFS{
		"/w/a.bpf.c":   "#include \"vmlinux.h\"\n#ifdef __VMLINUX_H__\nint f(void) { return in_vmlinux(); }\n#endif\n",
		"/w/vmlinux.h": "static int in_vmlinux(void) { return 0; }\n",
	}
	u := mustUnit(t, New(m, Config{}), "/w/a.bpf.c")
	if !u.Vmlinux || u.Func("in_vmlinux") != nil || len(u.Missing) != 0 || calls(u, "f") != "in_vmlinux" {
		t.Errorf("%s", dump(u, true))
	}
}

func TestLinked(t *testing.T) {
	m := MapFS{
		"/r/scx_a/build.rs":           "fn main() {\n    scx_cargo::BpfBuilder::new().unwrap()\n        .enable_skel(\"src/bpf/main.bpf.c\", \"bpf\")\n        .add_source(\"src/bpf/util.bpf.c\")\n        // .add_source(\"src/bpf/old.bpf.c\")\n        .add_source(\"src/bpf/lib/arena.bpf.c\")\n}\n",
		"/r/scx_a/src/bpf/main.bpf.c": "", "/r/scx_a/src/bpf/util.bpf.c": "", "/r/other.bpf.c": "",
	}
	x := New(m, Config{})
	for p, want := range map[string]string{
		"/r/scx_a/src/bpf/main.bpf.c": "/r/scx_a/src/bpf/util.bpf.c /r/scx_a/src/bpf/lib/arena.bpf.c",
		"/r/scx_a/src/bpf/util.bpf.c": "/r/scx_a/src/bpf/main.bpf.c /r/scx_a/src/bpf/lib/arena.bpf.c",
		"/r/scx_a/src/bpf/old.bpf.c":  "", "/r/other.bpf.c": "",
	} {
		if got := strings.Join(x.Linked(p), " "); got != want {
			t.Errorf("linked with %s: %q, want %q", p, got, want)
		}
	}
}

// TestLinkedObjects: what the configuration says comes first; a library's
// source is known by who borrows it.
func TestLinkedObjects(t *testing.T) {
	m := MapFS{"/r/a/build.rs": "b.enable_skel(\"main.bpf.c\").add_source(\"../lib/l.bpf.c\")\nb.add_source(\"../lib/l.bpf.c\")\n"}
	x := New(m, Config{Objects: [][]string{{"/r/b/one.bpf.c", "/r/b/../b/two.bpf.c"}, {"/r/a/other.bpf.c", "/r/a/more.bpf.c"}}})
	for _, tt := range []struct{ path, want string }{
		{"/r/b/one.bpf.c", "/r/b/two.bpf.c"},
		{"/r/b/two.bpf.c", "/r/b/one.bpf.c"},
		{"/r/a/more.bpf.c", "/r/a/other.bpf.c"},
		{"/r/lib/l.bpf.c", ""},
		{"/r/a/main.bpf.c", "/r/lib/l.bpf.c"},
		{"/r/lib/l.bpf.c", "/r/a/main.bpf.c"},
	} {
		if got := strings.Join(x.Linked(tt.path), " "); got != tt.want {
			t.Errorf("linked with %s: %q, want %q", tt.path, got, tt.want)
		}
	}
	m["/r/a/build.rs"] = "b.enable_skel(\"main.bpf.c\")\n"
	x.Invalidate("/r/a/build.rs")
	if got := x.Linked("/r/a/main.bpf.c"); len(got) != 0 {
		t.Errorf("after an edit of build.rs: %q", got)
	}
}
