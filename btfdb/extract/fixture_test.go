package extract

import (
	"bytes"
	"testing"

	"github.com/cilium/ebpf/btf"
)

// u64 and friends are BTF types of the fixture.
var (
	fixU32 = &btf.Int{Name: "u32", Size: 4}
	fixU64 = &btf.Int{Name: "u64", Size: 8}
	fixAux = &btf.Pointer{Target: &btf.Const{Type: &btf.Struct{Name: "bpf_prog_aux", Size: 8}}}
)

// fixture is a kernel in BTF: one ops type, one enum, one kfunc.
type fixture struct {
	noOps    bool
	narrow   bool // enums have lost their upper half
	notSplit bool // the implicit argument is still there
}

func (f fixture) types() []btf.Type {
	callback := &btf.Pointer{Target: &btf.FuncProto{Return: &btf.Void{}, Params: []btf.FuncParam{{Type: fixU64}}}}
	ops := &btf.Struct{Name: "sched_ext_ops", Size: 16, Members: []btf.Member{
		{Name: "enqueue", Type: callback}, {Name: "flags", Type: fixU64, Offset: 64},
	}}
	value := &btf.Struct{Name: valuePrefix + "sched_ext_ops", Size: 16, Members: []btf.Member{{Name: "data", Type: ops}}}
	last := uint64(1 << 41)
	size := uint32(8)
	if f.narrow {
		last, size = last&(1<<32-1), 4
	}
	enum := &btf.Enum{Name: "scx_enq_flags", Size: size, Values: []btf.EnumValue{
		{Name: "SCX_ENQ_WAKEUP", Value: 1}, {Name: "SCX_ENQ_LAST", Value: last},
	}}
	allow := &btf.Enum{Name: "scx_kf_allow_flags", Size: 4, Values: []btf.EnumValue{{Name: "SCX_KF_ALLOW_UNLOCKED", Value: 1}}}
	plain := &btf.FuncProto{Return: fixU32, Params: []btf.FuncParam{{Name: "cpu", Type: fixU32}}}
	whole := &btf.FuncProto{Return: fixU32, Params: []btf.FuncParam{{Name: "cpu", Type: fixU32}, {Name: "aux", Type: fixAux}}}
	kfunc := &btf.Func{Name: "scx_bpf_kick_cpu", Type: plain, Linkage: btf.StaticFunc, Tags: []string{"bpf_kfunc"}}
	twin := &btf.Func{Name: "scx_bpf_kick_cpu_impl", Type: whole, Linkage: btf.StaticFunc}
	types := []btf.Type{enum, allow, kfunc, twin}
	if f.notSplit {
		kfunc.Type = whole
		types = []btf.Type{enum, allow, kfunc}
	}
	if !f.noOps {
		types = append(types, value)
	}
	return types
}

// blob is the fixture as a BTF file.
func (f fixture) blob(t testing.TB) []byte {
	t.Helper()
	b, err := btf.NewBuilder(f.types(), nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Marshal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func doctorOf(raw []byte) string {
	var out bytes.Buffer
	for _, c := range Doctor(bytes.NewReader(raw), int64(len(raw))) {
		out.WriteString(c.Level.String() + " " + c.What + ": " + c.Detail + "\n")
	}
	return out.String()
}
