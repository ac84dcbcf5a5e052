package object

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// readTables reads the struct_ops variables. A member's program is the
// relocation at (variable + member) in the object's own struct; its name, not
// its offset, is what libbpf looks up in the kernel
// (tools/lib/bpf/libbpf.c:bpf_map__init_kern_struct_ops, 7.3).
func (o *Object) readTables() error {
	for i := range o.im.sections {
		name := o.im.sections[i].name
		switch strings.TrimPrefix(name, "?") {
		case ".struct_ops", ".struct_ops.link":
		default:
			continue
		}
		if err := o.readTableSection(i, name); err != nil {
			return partError("section "+name, err)
		}
	}
	return nil
}

func (o *Object) readTableSection(sec int, name string) error {
	data, err := o.im.data(sec)
	if err != nil {
		return err
	}
	relocs, err := o.im.relocationsOf(sec)
	if err != nil {
		return err
	}
	progs := map[uint64]*Program{}
	for _, r := range relocs {
		s := o.im.symbols[r.sym]
		progs[r.off] = o.programAt(int(s.sec), s.value)
	}
	types := map[string]*btf.Struct{}
	for _, v := range o.datasec(name) {
		if x, ok := v.Type.(*btf.Var); ok {
			types[x.Name] = structOf(x.Type)
		}
	}
	for _, s := range o.im.symbols {
		if int(s.sec) != sec || s.typ != elf.STT_OBJECT {
			continue
		}
		st := types[s.name]
		if st == nil {
			return fmt.Errorf("variable %s: no struct in .BTF", s.name)
		}
		if uint64(st.Size) > uint64(len(data)) || s.value > uint64(len(data))-uint64(st.Size) {
			return fmt.Errorf("variable %s: %w", s.name, errTruncated)
		}
		o.addTable(s, st, name, data, progs)
	}
	return nil
}

// programAt finds the program that starts at a byte of a section.
func (o *Object) programAt(sec int, off uint64) *Program {
	c := o.code[sec]
	if c == nil || off%insnSize != 0 {
		return nil
	}
	if f := c.funcAt(int(min(off/insnSize, maxCode))); f != nil {
		return f.program
	}
	return nil
}

func (o *Object) addTable(s symbol, st *btf.Struct, section string, data []byte, progs map[uint64]*Program) {
	t := &Table{Name: s.name, Type: essential(st.Name), Spelled: st.Name, Section: section}
	for _, m := range st.Members {
		off := uint64(m.Offset.Bytes())
		end := uint64(st.Size)
		if n, err := btf.Sizeof(m.Type); err == nil && n >= 0 {
			end = min(end, off+uint64(n))
		}
		if off > end {
			continue
		}
		tm := TableMember{Name: m.Name, Off: uint32(off), Program: progs[s.value+off]}
		if tm.Program == nil && allZero(data[s.value+off:s.value+end]) {
			continue
		}
		t.Members = append(t.Members, tm)
		if p := tm.Program; p != nil {
			p.Wirings = append(p.Wirings, Wiring{Table: t, Member: m.Name})
		}
	}
	o.Tables = append(o.Tables, t)
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// structOf looks through qualifiers and typedefs.
func structOf(t btf.Type) *btf.Struct {
	for range 32 {
		switch x := t.(type) {
		case *btf.Struct:
			return x
		case *btf.Const:
			t = x.Type
		case *btf.Volatile:
			t = x.Type
		case *btf.Typedef:
			t = x.Type
		default:
			return nil
		}
	}
	return nil
}

// funcName is the name of a function in .BTF.ext.
func (o *Object) funcName(id uint32) (name string, global bool) {
	if o.spec == nil {
		return "", false
	}
	t, err := o.spec.TypeByID(btf.TypeID(id))
	if err != nil {
		return "", false
	}
	f, ok := t.(*btf.Func)
	if !ok {
		return "", false
	}
	return f.Name, f.Linkage == btf.GlobalFunc
}
