package extract

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// tinyELF is an x86-64 ELF file whose only section of interest is .BTF.
func tinyELF(raw []byte) []byte {
	names := "\x00.BTF\x00.shstrtab\x00"
	f := make([]byte, 64)
	copy(f, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(f[16:], 2)  // executable
	le.PutUint16(f[18:], 62) // x86-64
	le.PutUint32(f[20:], 1)
	le.PutUint16(f[52:], 64)
	le.PutUint16(f[58:], 64)
	le.PutUint16(f[60:], 3) // sections
	le.PutUint16(f[62:], 2) // names
	at := len(f)
	f = append(append(f, raw...), names...)
	le.PutUint64(f[40:], uint64(len(f)))
	f = append(f, make([]byte, 64)...)
	f = appendSection(f, 1, 1, at, len(raw))
	return appendSection(f, 6, 3, at+len(raw), len(names))
}

func appendSection(f []byte, name, kind uint32, off, size int) []byte {
	s := make([]byte, 64)
	binary.LittleEndian.PutUint32(s, name)
	binary.LittleEndian.PutUint32(s[4:], kind)
	binary.LittleEndian.PutUint64(s[24:], uint64(off))
	binary.LittleEndian.PutUint64(s[32:], uint64(size))
	return append(f, s...)
}

// tinyKallsyms is a symbol table of 7.0 and later: aligned to 4, offsets
// against their own address. Every token is its own character, so nothing is
// compressed; symbol i is at 0x1000*i behind the start of offsets.
func tinyKallsyms(names []string) []byte {
	le := binary.LittleEndian
	pad := func(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }
	b := le.AppendUint32(make([]byte, 8), uint32(len(names)))
	for _, n := range names {
		b = append(append(b, byte(len(n)+1), 'T'), n...)
	}
	b = le.AppendUint32(pad(b), 0) // the one marker
	var index []byte
	var table []byte
	for c := range 256 {
		index = le.AppendUint16(index, uint16(len(table)))
		if c == 0 || c >= 127 {
			table = append(table, '?', 0)
			continue
		}
		table = append(table, byte(c), 0)
	}
	b = append(pad(append(b, table...)), index...)
	for i := range names {
		b = le.AppendUint32(b, uint32(0x1000*i-4*i))
	}
	return append(b, make([]byte, 64)...)
}

func TestKallsyms(t *testing.T) {
	const base = 0xffffffff82000000
	names := []string{"bpf_first", "scx_second", "linux_banner"}
	data := tinyKallsyms(names)
	syms, err := parseKallsyms(data, base)
	if err != nil {
		t.Fatal(err)
	}
	first := syms.find("bpf_first")
	for i, n := range names {
		if got := syms.find(n); got != first+uint64(0x1000*i) {
			t.Errorf("%s at %#x", n, got)
		}
	}
	if r := syms.extent(first); r.size != 0x1000 {
		t.Errorf("extent %#x", r.size)
	}
	for _, cut := range []int{len(data) / 4, len(data) - 80} {
		if syms, err := parseKallsyms(data[:cut], base); err == nil || syms != nil {
			t.Errorf("%d of %d bytes: no error", cut, len(data))
		}
	}
}

func TestELFWithBTF(t *testing.T) {
	data := tinyELF(fixture{}.blob(t))
	f, err := Image(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if f.Origin.Borrowed == "" || len(f.Ops) != 1 {
		t.Errorf("borrowed %q, %d ops types", f.Origin.Borrowed, len(f.Ops))
	}
}

// TestSourceTree reads a small tree and judges by it.
func TestSourceTree(t *testing.T) {
	k := treeKernel(t)
	if k.Build != "7.9.0-mine" || k.Enforcement != btfdb.EnforceVerifier || k.Facts().Scope != "scx" {
		t.Errorf("%s %s scope %q", k.Build, k.Enforcement, k.Facts().Scope)
	}
	for _, c := range []struct {
		op, kfunc string
		sleepable bool
		want      btfdb.Outcome
	}{
		{"enqueue", "scx_bpf_dsq_insert", false, btfdb.Allowed},
		{"enqueue", "scx_bpf_dsq_move_to_local", false, btfdb.RefusedLoad},
		{"dispatch", "scx_bpf_dsq_move_to_local", false, btfdb.Allowed},
		{"init", "scx_bpf_create_dsq", false, btfdb.NotSleepable},
		{"init", "scx_bpf_create_dsq", true, btfdb.Allowed},
		{"init", "scx_bpf_now", true, btfdb.Allowed},
		{"init", "scx_bpf_consume", true, btfdb.NotThere},
		{"init", "bpf_rcu_read_lock", true, btfdb.Unknown},
	} {
		ctx, _ := k.MemberContext("sched_ext_ops", c.op, c.sleepable)
		if got := k.Query(ctx, c.kfunc).Outcome; got != c.want {
			t.Errorf("%s × %s: %v, want %v", c.op, c.kfunc, got, c.want)
		}
	}
	if p := k.Kfunc("scx_bpf_dsq_insert").Proto; p != "void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)" {
		t.Errorf("prototype %q", p)
	}
	if v, ok := k.EnumValue("SCX_ENQ_BOTH"); !ok || v.Value != 1<<40|1<<16 {
		t.Errorf("SCX_ENQ_BOTH = %#x, %v", v.Value, ok)
	}
	var members []string
	for _, m := range k.Ops("sched_ext_ops").Members {
		members = append(members, m.Name)
	}
	want := []string{"select_cpu", "enqueue", "dispatch", "init", "timeout_ms", "flags", "name"}
	if diff := cmp.Diff(want, members); diff != "" {
		t.Error(diff)
	}
	if m := k.Member("sched_ext_ops", "name"); m.Moff != 48 || m.Proto != "char name[128]" {
		t.Errorf("name: offset %d, %q", m.Moff, m.Proto)
	}
}

// TestSourceOfRunTimeRelease: masks come from the SCX_CALL_OP sites.
func TestSourceOfRunTimeRelease(t *testing.T) {
	tree := fstest.MapFS{"kernel/sched/ext.c": {Data: []byte(`
		struct sched_ext_ops { void (*enqueue)(struct task_struct *p, u64 f); void (*cgroup_move)(struct task_struct *p); };
		BTF_KFUNCS_START(scx_kfunc_ids_any)
		BTF_ID_FLAGS(func, scx_bpf_now)
		BTF_KFUNCS_END(scx_kfunc_ids_any)
		void f(void) {
			SCX_CALL_OP_TASK(SCX_KF_ENQUEUE | SCX_KF_DISPATCH, enqueue, p, 0);
			SCX_CALL_OP_TASK(SCX_KF_UNLOCKED, cgroup_move, p);
		}`)}}
	f, err := Source(tree, "6.14.9")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []btfdb.State{
		btfdb.StateEnqueue | btfdb.StateDispatch | btfdb.StateTask, btfdb.StateUnlocked | btfdb.StateHeld,
	} {
		if got := f.Members[i].State; got != want {
			t.Errorf("%s: %v, want %v", f.Members[i].Name, got, want)
		}
	}
}

// TestOverrides: every line parses, and none is for a kind that nobody reads.
func TestOverrides(t *testing.T) {
	list, err := overrides()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		var err error
		switch o.kind {
		case "state", "accept":
			_, err = btfdb.StateByName(o.value)
		case "prog":
			_, err = btfdb.HooksByName(o.value)
			if i := slices.IndexFunc(o.names, func(n string) bool { return !slices.Contains(progKinds, n) }); i >= 0 {
				t.Errorf("no program type %q", o.names[i])
			}
		case "sleep":
		default:
			t.Errorf("unknown kind %q", o.kind)
		}
		if err != nil || strings.Contains(strings.Join(o.names, ""), " ") {
			t.Errorf("%v: %v", o, err)
		}
	}
}

var testTree = os.DirFS("testdata/tree")

func treeKernel(t *testing.T) *btfdb.Kernel {
	t.Helper()
	f, err := Source(testTree, "")
	if err != nil {
		t.Fatal(err)
	}
	k, err := btfdb.New(f)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
