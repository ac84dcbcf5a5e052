package link

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// smallKernel is the BTF of a kernel that has what fifo.h wants, but for the
// kfuncs that are left out.
func smallKernel(t *testing.T, without ...string) *Kernel {
	t.Helper()
	u64, s32 := &btf.Int{Name: "u64", Size: 8}, &btf.Int{Name: "s32", Size: 4, Encoding: btf.Signed}
	boolean := &btf.Int{Name: "bool", Size: 1, Encoding: btf.Bool}
	task := &btf.Struct{Name: "task_struct", Size: 8, Members: []btf.Member{{Name: "pid", Type: s32}}}
	ptr := func(x btf.Type) btf.Type { return &btf.Pointer{Target: x} }
	callback := ptr(&btf.FuncProto{Return: &btf.Void{}})
	ops := &btf.Struct{Name: "sched_ext_ops"}
	for i, name := range []string{"select_cpu", "enqueue", "dequeue", "dispatch", "tick", "running", "init"} {
		ops.Members = append(ops.Members, btf.Member{Name: name, Type: callback, Offset: btf.Bits(64 * i)})
	}
	ops.Members = append(ops.Members, btf.Member{Name: "name", Type: &btf.Array{Index: s32, Type: &btf.Int{Name: "char", Size: 1}, Nelems: 128}, Offset: 64 * 7})
	ops.Size = 7*8 + 128
	value := &btf.Struct{Name: "bpf_struct_ops_sched_ext_ops", Size: 64 + ops.Size, Members: []btf.Member{{Name: "data", Type: ops, Offset: 8 * 64}}}
	protos := map[string]*btf.FuncProto{
		"scx_bpf_dsq_insert":        {Return: &btf.Void{}, Params: []btf.FuncParam{{Name: "p", Type: ptr(task)}, {Name: "d", Type: u64}, {Name: "s", Type: u64}, {Name: "f", Type: u64}}},
		"scx_bpf_dsq_move_to_local": {Return: boolean, Params: []btf.FuncParam{{Name: "d", Type: u64}}},
		"scx_bpf_create_dsq":        {Return: s32, Params: []btf.FuncParam{{Name: "d", Type: u64}, {Name: "n", Type: s32}}},
		"scx_bpf_reenqueue_local":   {Return: &btf.Int{Name: "u32", Size: 4}},
	}
	types := []btf.Type{value}
	for name, p := range protos {
		if !slices.Contains(without, name) {
			types = append(types, &btf.Func{Name: name, Type: p, Linkage: btf.StaticFunc})
		}
	}
	b, err := btf.NewBuilder(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: binary.LittleEndian})
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewKernel(raw)
	if err != nil {
		t.Fatal(err)
	}
	k.Release = "7.3.4"
	return k
}

func linked(t *testing.T, name string, k *Kernel, opt Options) (*Linked, error) {
	t.Helper()
	raw, err := os.ReadFile("../../object/testdata/" + name + ".bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	o, err := object.Open(name+".bpf.o", bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return Link(raw, o, k, opt)
}

func mustLink(t *testing.T, name string, k *Kernel, opt Options) *Linked {
	t.Helper()
	l, err := linked(t, name, k, opt)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// step finds the step that loads a program.
func (l *Linked) step(t *testing.T, name string) *bpf.Step {
	t.Helper()
	for _, p := range l.Programs {
		if p.Prog.Name == name && p.Step != bpf.None {
			return &l.Plan.Steps[p.Step]
		}
	}
	t.Fatalf("no step loads %s", name)
	return nil
}

// calls lists the calls of kfuncs in a program: their BTF ids.
func calls(s *bpf.Step) (ids []uint32) {
	for b := s.Prog.Insns; len(b) >= 8; b = b[8:] {
		if b[0] == opCall && b[1]>>4 == srcKfunc {
			ids = append(ids, binary.LittleEndian.Uint32(b[4:]))
		}
	}
	return ids
}

func TestMembers(t *testing.T) {
	k := smallKernel(t)
	l := mustLink(t, "direct", k, Options{})
	if len(l.Refusals) > 0 || len(l.Programs) != 6 {
		t.Fatalf("%d programs, %v", len(l.Programs), l.Refusals)
	}
	want := map[string]uint32{"fifo_select": 0, "fifo_enqueue": 1, "fifo_dispatch": 3, "fifo_tick": 4, "fifo_running": 5, "fifo_init": 6}
	for name, index := range want {
		p := l.step(t, name).Prog
		if p.Attach != index || p.AttachID != uint32(k.types.structs["sched_ext_ops"]) || p.License != "GPL" {
			t.Errorf("%s: member %d of type %d", name, p.Attach, p.AttachID)
		}
		if sleeps := p.Flags&flagSleepable != 0; sleeps != (name == "fifo_init") {
			t.Errorf("%s: sleepable %v", name, sleeps)
		}
	}
	got := calls(l.step(t, "fifo_enqueue"))
	if wantCalls := []uint32{uint32(k.types.funcs["scx_bpf_dsq_move_to_local"]), uint32(k.types.funcs["scx_bpf_dsq_insert"])}; !slices.Equal(got, wantCalls) {
		t.Errorf("fifo_enqueue calls %v, want %v", got, wantCalls)
	}
}

// TestSubprogram: what a program calls is put behind it, and the call leads
// there.
func TestSubprogram(t *testing.T) {
	l := mustLink(t, "static_helper", smallKernel(t), Options{})
	for _, p := range l.Programs {
		if p.Prog.Name != "fifo_enqueue" {
			continue
		}
		if !slices.Equal(p.Funcs, []string{"fifo_enqueue", "drain"}) {
			t.Fatalf("functions %v", p.Funcs)
		}
		insns := l.Plan.Steps[p.Step].Prog.Insns
		start := slices.IndexFunc(p.Code, func(c Code) bool { return c.Name == ".text" })
		for i := 0; i*8 < len(insns); i++ {
			if b := insns[i*8:]; b[0] == opCall && b[1]>>4 == srcCall {
				if to := i + 1 + int(int32(binary.LittleEndian.Uint32(b[4:]))); to != start {
					t.Errorf("the call at %d leads to %d, want %d", i, to, start)
				}
				return
			}
		}
	}
	t.Error("no call of a subprogram")
}

func TestMissing(t *testing.T) {
	l := mustLink(t, "missing_strong", smallKernel(t), Options{})
	if !slices.Equal(l.Refusals, []string{"extern (func ksym) 'scx_bpf_is_a_must': not found in kernel or module BTFs"}) {
		t.Errorf("%q", l.Refusals)
	}
	l = mustLink(t, "missing_weak", smallKernel(t), Options{})
	if len(l.Refusals) > 0 || !slices.Equal(l.Missing, []string{"scx_bpf_is_not_there"}) {
		t.Errorf("%q, %q", l.Refusals, l.Missing)
	}
	l = mustLink(t, "direct", smallKernel(t, "scx_bpf_create_dsq"), Options{})
	if len(l.Refusals) != 1 || !strings.Contains(l.Refusals[0], "'scx_bpf_create_dsq': not found") {
		t.Errorf("%q", l.Refusals)
	}
}

func TestNewMember(t *testing.T) {
	l := mustLink(t, "new_member", smallKernel(t), Options{})
	if !slices.Equal(l.Refusals, []string{"struct_ops init_kern fifo_ops: Cannot find member of_tomorrow in kernel BTF"}) {
		t.Errorf("%q", l.Refusals)
	}
}

func TestRodata(t *testing.T) {
	k := smallKernel(t)
	data := func(l *Linked) []byte {
		for _, s := range l.Plan.Steps {
			if s.Op == bpf.OpUpdate && s.Name == ".rodata" {
				return s.Data
			}
		}
		return nil
	}
	off := mustLink(t, "rodata_off", k, Options{})
	name := rodataName(t)
	on := mustLink(t, "rodata_off", k, Options{Rodata: map[string]uint64{name: 1}})
	if data(off) != nil && bytes.Equal(data(off), data(on)) || data(on) == nil {
		t.Errorf("%v, set: %v", data(off), data(on))
	}
	if _, err := linked(t, "rodata_off", k, Options{Rodata: map[string]uint64{"nobody": 1}}); err == nil || !strings.Contains(err.Error(), "no such variable") {
		t.Errorf("an unknown variable: %v", err)
	}
}

// rodataName is the variable of rodata_off.bpf.c.
func rodataName(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../object/testdata/rodata_off.bpf.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if _, rest, ok := strings.Cut(line, "const volatile "); ok {
			words := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == ';' || r == '=' })
			return words[1]
		}
	}
	t.Fatal("no const volatile")
	return ""
}

// TestRun: the ops are filled in the kernel's layout, programs at its members.
func TestRun(t *testing.T) {
	l := mustLink(t, "direct", smallKernel(t), Options{Run: 3})
	if l.Plan.Run == nil || len(l.Plan.Run.Ops) != 1 || l.Plan.Run.Seconds != 3 {
		t.Fatalf("%+v", l.Plan.Run)
	}
	a := l.Plan.Run.Ops[0]
	if !a.Link || !bytes.HasPrefix(a.Value[64+7*8:], []byte("fifo\x00")) || len(a.Progs) != 6 {
		t.Errorf("link %v, %d programs, %q", a.Link, len(a.Progs), a.Value[64+7*8:][:8])
	}
	if a.Progs[0].Offset < 64 || l.Plan.Steps[a.Progs[0].Step].Op != bpf.OpProg {
		t.Errorf("%+v", a.Progs[0])
	}
}

// TestObjects: every object links or says why not, and every program has its
// code, or a reason.
func TestObjects(t *testing.T) {
	k := smallKernel(t)
	files, err := os.ReadDir("../../object/testdata")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".bpf.o")
		if !ok || name == "bigendian" {
			continue
		}
		l, err := linked(t, name, k, Options{Run: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, p := range l.Programs {
			if p.Step == bpf.None && p.NotJudged == "" && p.Refused == "" {
				t.Errorf("%s: %s: no step and no reason", name, p.Prog.Name)
			}
			if p.Step != bpf.None && len(p.Code)*8 != len(l.Plan.Steps[p.Step].Prog.Insns) {
				t.Errorf("%s: %s: %d places of %d bytes", name, p.Prog.Name, len(p.Code), len(l.Plan.Steps[p.Step].Prog.Insns))
			}
			n++
		}
	}
	if n < 300 {
		t.Errorf("%d programs", n)
	}
	if _, err := linked(t, "bigendian", k, Options{}); err == nil {
		t.Error("an object of the other byte order was linked")
	}
}

// FuzzLink: an object that package object takes is linked, or refused; never
// both, and without a panic.
func FuzzLink(f *testing.F) {
	k := &Kernel{}
	for _, name := range []string{"direct", "static_helper", "core_type", "config", "timer_create"} {
		raw, err := os.ReadFile("../../object/testdata/" + name + ".bpf.o")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if k.spec == nil {
			*k = *smallKernel(t)
		}
		o, err := object.Open("fuzz.bpf.o", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		if l, err := Link(raw, o, k, Options{Run: 1}); (l == nil) == (err == nil) {
			t.Fatalf("%v, %v", l, err)
		}
	})
}

// TestDamaged: what a damaged object comes to is a plan or an error.
func TestDamaged(t *testing.T) {
	k := smallKernel(t)
	raw, err := os.ReadFile("../../object/testdata/timer_create.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		b := bytes.Clone(raw)
		for range 1 + r.Intn(6) {
			b[r.Intn(len(b))] = byte(r.Intn(256))
		}
		o, err := object.Open("damaged.bpf.o", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			continue
		}
		opened++
		if l, err := Link(b, o, k, Options{Run: 1}); (l == nil) == (err == nil) {
			t.Fatalf("seed %d: %v, %v", seed, l, err)
		}
	}
	if opened < 50 {
		t.Errorf("%d objects could be opened at all", opened)
	}
}
