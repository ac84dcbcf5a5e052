package object

import (
	"debug/elf"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// rodataSection is data that libbpf freezes before it loads programs, so that
// the verifier takes loads from it as constants
// (kernel/bpf/verifier.c:bpf_map_is_rdonly, since 5.5).
type rodataSection struct {
	data []byte
	vars []rodataVar // by offset
}

// A rodataVar is a variable that user space may set before loading.
type rodataVar struct {
	id       int // index in Object order, from 0
	name     string
	off, end uint64
	settable bool // const volatile; what is only const the compiler has folded
}

func (o *Object) readRodata() error {
	id := 0
	for i := range o.im.sections {
		s := &o.im.sections[i]
		if s.name != ".rodata" && !strings.HasPrefix(s.name, ".rodata.") || s.typ != elf.SHT_PROGBITS {
			continue
		}
		data, err := o.im.data(i)
		if err != nil {
			return err
		}
		r := &rodataSection{data: data}
		settable := o.settableVars(s.name)
		for _, sym := range o.im.symbols {
			if int(sym.sec) != i || sym.typ != elf.STT_OBJECT || sym.size > uint64(len(data)) {
				continue
			}
			can, known := settable[sym.name]
			v := rodataVar{id: id, name: sym.name, off: sym.value, end: sym.value + sym.size, settable: can || !known && o.spec == nil}
			id++
			r.vars = append(r.vars, v)
		}
		slices.SortFunc(r.vars, func(a, b rodataVar) int { return int(int64(a.off) - int64(b.off)) })
		o.rodata[i] = r
	}
	return nil
}

// settableVars tells which variables of a section are const volatile.
func (o *Object) settableVars(section string) map[string]bool {
	out := map[string]bool{}
	for _, v := range o.datasec(section) {
		if x, ok := v.Type.(*btf.Var); ok {
			out[x.Name] = isVolatile(x.Type)
		}
	}
	return out
}

// isVolatile looks through qualifiers and arrays, as far as a qualifier of
// the variable can be.
func isVolatile(t btf.Type) bool {
	for range 32 {
		switch x := t.(type) {
		case *btf.Volatile:
			return true
		case *btf.Const:
			t = x.Type
		case *btf.Typedef:
			t = x.Type
		case *btf.Array:
			t = x.Type
		default:
			return false
		}
	}
	return false
}

// varAt finds the variable that holds an offset.
func (r *rodataSection) varAt(off uint64) *rodataVar {
	for i := range r.vars {
		if v := &r.vars[i]; off >= v.off && off < v.end {
			return v
		}
	}
	return nil
}

// HasRodata tells whether the object has a read-only variable of a name, which
// Options can set.
func (o *Object) HasRodata(name string) bool { return o.rodataVar(name) != nil }
