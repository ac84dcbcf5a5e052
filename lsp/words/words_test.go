package words

import (
	"slices"
	"strings"
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// kernels are all that the database has.
func kernels(t *testing.T) []*btfdb.Kernel {
	t.Helper()
	list, err := btfdb.Select("6.12..7.3")
	if err != nil || len(list) < 8 {
		t.Fatal(err, len(list))
	}
	return list
}

// TestKfuncs: whatever kfunc of sched_ext a kernel has, there are words for it;
// and none for what no kernel has.
func TestKfuncs(t *testing.T) {
	have := map[string]bool{}
	for _, k := range kernels(t) {
		for _, f := range k.Kfuncs() {
			if strings.Contains(f.Name, "scx_") {
				have[f.Name] = true
				if Kfunc(f.Name) == "" {
					t.Errorf("%s (Linux %s): no words", f.Name, k.Release)
				}
			}
		}
	}
	for name := range words().kfuncs {
		if !have[name] {
			t.Errorf("%s: no kernel has it", name)
		}
	}
}

// TestMembers: the same for members, and each parameter has a name.
func TestMembers(t *testing.T) {
	have := map[string]bool{}
	for _, k := range kernels(t) {
		for _, typ := range []string{"sched_ext_ops", "sched_ext_ops_cid"} {
			ops := k.Ops(typ)
			if ops == nil {
				continue
			}
			for _, m := range ops.Members {
				have[m.Name] = true
				said, ok := MemberOf(m.Name)
				if !ok || said.Text == "" {
					t.Errorf("%s.%s (Linux %s): no words", typ, m.Name, k.Release)
				}
				if len(said.Params) < len(m.Params()) {
					t.Errorf("%s.%s (Linux %s): names %v for %s", typ, m.Name, k.Release, said.Params, m.Proto)
				}
			}
		}
	}
	for name := range words().members {
		if !have[name] {
			t.Errorf("%s: no kernel has it", name)
		}
	}
}

// TestValues: the constants that schedulers pass to kfuncs or get from them.
func TestValues(t *testing.T) {
	have := map[string]bool{}
	for _, k := range kernels(t) {
		for _, e := range k.Enums() {
			for _, v := range e.Values {
				have[v.Name] = true
			}
		}
		for _, enum := range []string{
			"scx_enq_flags", "scx_deq_flags", "scx_kick_flags", "scx_dsq_id_flags", "scx_ops_flags", "scx_wake_flags",
			"scx_pick_idle_cpu_flags", "scx_exit_kind",
		} {
			e := k.Enum(enum)
			if e == nil {
				if k.BTFSHA1 != "" {
					t.Errorf("Linux %s has no enum %s", k.Release, enum)
				}
				continue // read from a source: types are not known
			}
			for _, v := range e.Values {
				if !strings.HasPrefix(v.Name, "_") && Value(v.Name) == "" {
					t.Errorf("%s (Linux %s): no words", v.Name, k.Release)
				}
			}
		}
	}
	for name := range words().values {
		if !have[name] {
			t.Errorf("%s: no kernel has it", name)
		}
	}
}

// TestFile: nothing in the file is lost in reading it, and it is sorted.
func TestFile(t *testing.T) {
	var heads []string
	for i, line := range strings.Split(strings.TrimSpace(data), "\n") {
		switch word, _, _ := strings.Cut(line, " "); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			if len(line) > 117 || strings.TrimSpace(line) == "" {
				t.Errorf("line %d is empty or too long", i+1)
			}
		case word == "kfunc" || word == "member" || word == "value":
			heads = append(heads, strings.Join(strings.Fields(line)[:2], " "))
		default:
			t.Errorf("line %d: %q", i+1, line)
		}
	}
	if len(heads) != len(words().kfuncs)+len(words().members)+len(words().values) {
		t.Error("some entry is there twice")
	}
	if !slices.IsSorted(heads) {
		for i := 1; i < len(heads); i++ {
			if heads[i] < heads[i-1] {
				t.Errorf("%q comes after %q", heads[i], heads[i-1])
			}
		}
	}
}
