package link

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// cleared are the members that scx's loaders set to NULL on kernels that lack
// them (tools/sched_ext/include/scx/compat.h:SCX_OPS_OPEN, 7.3).
var cleared = []string{
	"cgroup_set_bandwidth", "cgroup_set_idle", "sub_attach", "sub_detach", "sub_cgroup_id", "rescue_bandwidth_ppt", "rescue_quantum_us",
}

// kernelMember is a member of a kernel's struct_ops type.
type kernelMember struct {
	index  uint32
	typeID btf.TypeID
	offset int
	size   int
}

// member finds a member by name
// (tools/lib/bpf/libbpf.c:bpf_map__init_kern_struct_ops).
func (k *Kernel) member(ops, name string) (m kernelMember, hasType, ok bool) {
	s, id := k.structType(ops)
	if s == nil {
		return m, false, false
	}
	for i, x := range s.Members {
		if x.Name == name {
			size, _ := btf.Sizeof(x.Type)
			return kernelMember{uint32(i), id, int(x.Offset.Bytes()), size}, true, true
		}
	}
	return m, true, false
}

// memberOf finds the member of a wiring; why tells what keeps the program
// from being loaded for it.
func (l *linker) memberOf(w object.Wiring) (m kernelMember, why string) {
	m, hasType, ok := l.k.member(w.Table.Type, w.Member)
	switch {
	case !w.Table.AutoCreate():
		return m, fmt.Sprintf("SEC(%q) is not loaded by itself", w.Table.Section)
	case !hasType:
		return m, fmt.Sprintf("Linux %s has no %s", l.k.Release, w.Table.Type)
	case !ok:
		return m, fmt.Sprintf("Linux %s does not have %s.%s", l.k.Release, w.Table.Type, w.Member)
	}
	return m, ""
}

// addTables plans the struct_ops maps.
func (l *linker) addTables() {
	l.members = map[object.Wiring]int{}
	for _, t := range l.o.Tables {
		if !t.AutoCreate() {
			continue
		}
		if s, _ := l.k.structType(t.Type); s == nil {
			l.refuse("struct_ops init_kern: struct %s is not found in kernel BTF", t.Type)
			continue
		}
		for _, m := range t.Members {
			if _, _, ok := l.k.member(t.Type, m.Name); ok {
				continue
			}
			if slices.Contains(cleared, m.Name) {
				l.out.Notes = append(l.out.Notes, fmt.Sprintf("Linux %s has no %s.%s; scx's loaders leave it out, and so it was left out here", l.k.Release, t.Type, m.Name))
				continue
			}
			l.refuse("struct_ops init_kern %s: Cannot find member %s in kernel BTF", t.Name, m.Name)
		}
		l.addTable(t)
	}
}

// addTable plans the creation of one map; nothing is attached by that.
func (l *linker) addTable(t *object.Table) {
	value, id := l.k.structType("bpf_struct_ops_" + t.Type)
	if value == nil {
		return
	}
	x := bpf.Map{
		Type: mapStructOps, KeySize: 4, ValueSize: value.Size, MaxEntries: 1, KernelValue: uint32(id),
		Inner: bpf.None, BTF: l.btf,
	}
	if isLinked(t) {
		x.Flags = flagLink
	}
	l.tables = append(l.tables, table{t, l.add(bpf.Step{Op: bpf.OpMap, Name: t.Name, Map: &x})})
}

type table struct {
	*object.Table
	step int
}

func isLinked(t *object.Table) bool { return strings.HasSuffix(t.Section, ".link") }

// addRun plans the attachment of the sched_ext tables.
func (l *linker) addRun(seconds int) {
	r := &bpf.Run{Seconds: seconds}
	for _, t := range l.tables {
		if a, ok := l.attach(t); ok && strings.HasPrefix(t.Type, "sched_ext_ops") {
			r.Ops = append(r.Ops, a)
		}
	}
	l.plan.Run = r
}

// attach fills the kernel's struct from the object's, member by member.
func (l *linker) attach(t table) (a bpf.Attach, ok bool) {
	value, _ := l.k.structType("bpf_struct_ops_" + t.Type)
	data, from := l.tableData(t.Table)
	if value == nil || from == nil {
		return a, false
	}
	base := 0
	for _, m := range value.Members {
		if m.Name == "data" {
			base = int(m.Offset.Bytes())
		}
	}
	a = bpf.Attach{Name: t.Name, On: t.step, Link: isLinked(t.Table), Value: make([]byte, value.Size)}
	for _, m := range from.Members {
		to, _, found := l.k.member(t.Type, m.Name)
		size, err := btf.Sizeof(m.Type)
		at := base + to.offset
		if !found || err != nil || at+to.size > len(a.Value) || int(m.Offset.Bytes())+size > len(data) {
			continue
		}
		w := object.Wiring{Table: t.Table, Member: m.Name}
		if step, wired := l.members[w]; wired {
			a.Progs = append(a.Progs, bpf.Member{Offset: at, Step: step})
			continue
		}
		copy(a.Value[at:at+to.size], data[m.Offset.Bytes():][:size])
	}
	return a, true
}

// tableData is the variable of a table as the object holds it.
func (l *linker) tableData(t *object.Table) ([]byte, *btf.Struct) {
	sec := l.f.section(t.Section)
	s, ok := l.f.symbolIn(sec, t.Name)
	if sec < 0 || !ok || s.Value > uint64(len(l.f.secs[sec].data)) {
		return nil, nil
	}
	for _, v := range l.f.vars(t.Section) {
		if x, ok := v.Type.(*btf.Var); ok && x.Name == t.Name {
			st, _ := btf.UnderlyingType(x.Type).(*btf.Struct)
			return l.f.secs[sec].data[s.Value:], st
		}
	}
	return nil, nil
}
