package btfdb

import (
	"os"
	"strings"
	"testing"
)

const tinyData = `# comment
format 1
build 7.9.0
release 7.9
enforcement verifier
prog struct_ops struct_ops
filter scx_kfunc_context_filter
	scx_kfunc_ids_any
set scx_kfunc_ids_any struct_ops scx_kfunc_context_filter
kfunc scx_bpf_now scx_kfunc_ids_any -
	u64 scx_bpf_now(void)
ops sched_ext_ops 8
member sched_ext_ops 0 tick func sleep=no
	void (*tick)(struct task_struct *)
enum scx_x SCX_A 0x1
`

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ old, with, want string }{
		{"format 1\n", "", `line 2: no "format" line`},
		{"format 1", "format 2", "line 2: format 2: this program reads format 1"},
		{"build 7.9.0\n", "", `no "build" or no "release" line`},
		{"verifier", "nobody", "want verifier or runtime"},
		{"struct_ops struct_ops", "struct_ops nowhere", `line 6: prog struct_ops nowhere: "nowhere" is none of`},
		{"# comment", "\tcomment", "line 1: continues nothing"},
		{"set scx_kfunc_ids_any struct_ops", "set scx_kfunc_ids_all struct_ops", `set "scx_kfunc_ids_any" is not described`},
		{"scx_kfunc_ids_any -\n", "scx_kfunc_ids_any WRONG\n", `unknown flag "WRONG"`},
		{"scx_kfunc_ids_any -\n", "scx_kfunc_ids_any - wrong\n", `unknown attribute "wrong"`},
		{"sched_ext_ops 8", "sched_ext_opz 8", "no such struct_ops type"},
		{"sched_ext_ops 0 tick", "sched_ext_ops 99999999 tick", "offset 99999999: more than"},
		{"tick func", "tick fun", "want func or data"},
		{"sleep=no", "sleep=yes", "want may or no"},
		{"0x1\n", "one\n", "invalid syntax"},
		{"enum", "enumeration", `unknown fact "enumeration"`},
	} {
		text := strings.Replace(tinyData, c.old, c.with, 1)
		k, err := Parse(text)
		if err == nil || k != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: %v, want %q", c.with, c.old, err, c.want)
		}
	}
	if _, err := Parse(tinyData); err != nil {
		t.Error(err)
	}
	if _, err := ParseFacts(strings.Repeat("#", maxData+1)); err == nil {
		t.Error("a huge file was read")
	}
}

// FuzzParse: an error means no kernel, and a kernel formats to what parses to
// the same.
func FuzzParse(f *testing.F) {
	f.Add(tinyData)
	if text, err := os.ReadFile("data/6.13.2.txt"); err == nil {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse(text)
		if err != nil {
			if k != nil {
				t.Errorf("a kernel beside the error %v", err)
			}
			return
		}
		for _, p := range k.Contexts() {
			for _, x := range k.Kfuncs() {
				k.Query(p.Context, x.Name)
			}
		}
		k.Query(Context{Prog: "struct_ops", Ops: "sched_ext_ops", Moff: 1 << 31}, "scx_bpf_now")
	})
}

// FuzzSelect takes whatever a person may type.
func FuzzSelect(f *testing.F) {
	for _, s := range []string{"7.3", "6.12..7.3", "7.3,6.12", "newest", "v6.12.1-rc1+x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		if isPath(spec) || strings.Contains(spec, ".txt") {
			return
		}
		if list, err := Select(spec); err != nil && list != nil {
			t.Errorf("kernels beside the error %v", err)
		}
	})
}
