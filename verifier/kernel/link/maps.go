package link

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

// Types and flags of maps (include/uapi/linux/bpf.h).
const (
	mapArray      = 2
	mapProgArray  = 3
	mapPerfArray  = 4
	mapArrayOfMap = 12
	mapHashOfMap  = 13
	mapStructOps  = 26
	mapRingbuf    = 27
	mapUserRing   = 31
	mapArena      = 33

	flagReadProg = 1 << 7 // BPF_F_RDONLY_PROG
	flagMmap     = 1 << 10
	flagLink     = 1 << 13
)

const pageSize = 4096

// presetEntries is the size of maps whose size user space sets: what it is
// does not change verdicts, that it is zero does.
const presetEntries = 64

// A mapDef is what .maps says of a map.
type mapDef struct {
	name  string
	spec  bpf.Map
	inner *mapDef
	def   *btf.Struct
}

// uintMacro reads __uint(name, N): a pointer to an array of N ints.
func uintMacro(t btf.Type) (uint32, bool) {
	p, ok := t.(*btf.Pointer)
	if !ok {
		return 0, false
	}
	a, ok := p.Target.(*btf.Array)
	if !ok {
		return 0, false
	}
	return a.Nelems, true
}

// readMap reads the struct of a map
// (tools/lib/bpf/libbpf.c:parse_btf_map_def).
func (f *file) readMap(name string, s *btf.Struct) (*mapDef, error) {
	m := &mapDef{name: name, def: s, spec: bpf.Map{Inner: bpf.None, BTF: bpf.None}}
	for _, x := range s.Members {
		n, _ := uintMacro(x.Type)
		switch x.Name {
		case "type":
			m.spec.Type = n
		case "max_entries":
			m.spec.MaxEntries = n
		case "map_flags":
			m.spec.Flags = n
		case "map_extra":
			m.spec.Extra = uint64(n)
			if e, ok := x.Type.(*btf.Enum); ok && len(e.Values) > 0 {
				m.spec.Extra = e.Values[0].Value // __ulong()
			} else if v, ok := ulongMacro(x.Type); ok {
				m.spec.Extra = v
			}
		case "key_size":
			m.spec.KeySize = n
		case "value_size":
			m.spec.ValueSize = n
		case "key", "value":
			if err := f.keyValue(m, x); err != nil {
				return nil, fmt.Errorf("map %s: %s: %w", name, x.Name, err)
			}
		case "values":
			if err := f.inner(m, x.Type); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// ulongMacro reads __ulong(name, V): an enum with one value, behind an array
// or a pointer in some versions of the macro.
func ulongMacro(t btf.Type) (uint64, bool) {
	for range 4 {
		switch x := t.(type) {
		case *btf.Pointer:
			t = x.Target
		case *btf.Array:
			t = x.Type
		case *btf.Enum:
			if len(x.Values) == 0 {
				return 0, false
			}
			return x.Values[0].Value, true
		default:
			return 0, false
		}
	}
	return 0, false
}

func (f *file) keyValue(m *mapDef, x btf.Member) error {
	p, ok := x.Type.(*btf.Pointer)
	if !ok {
		return fmt.Errorf("not a pointer")
	}
	size, err := btf.Sizeof(p.Target)
	if err != nil {
		return err
	}
	id, err := f.spec.TypeID(p.Target)
	if err != nil {
		return err
	}
	if x.Name == "key" {
		m.spec.KeySize, m.spec.KeyType = uint32(size), uint32(id)
	} else {
		m.spec.ValueSize, m.spec.ValueType = uint32(size), uint32(id)
	}
	return nil
}

// inner reads __array(values, T): of a map of maps, or of a program array.
func (f *file) inner(m *mapDef, t btf.Type) error {
	a, ok := t.(*btf.Array)
	if !ok {
		return nil
	}
	p, ok := a.Type.(*btf.Pointer)
	if !ok {
		return nil
	}
	m.spec.KeySize, m.spec.ValueSize = max(m.spec.KeySize, 4), max(m.spec.ValueSize, 4)
	s, ok := btf.UnderlyingType(p.Target).(*btf.Struct)
	if !ok {
		return nil // programs
	}
	inner, err := f.readMap(m.name+".inner", s)
	m.inner = inner
	return err
}

// addMaps plans all maps of the object.
func (l *linker) addMaps() error {
	for i := range l.f.secs {
		name := l.f.secs[i].Name
		var err error
		switch {
		case name == ".maps":
			err = l.addDefined(i)
		case isData(name):
			err = l.addData(i, name)
		}
		if err != nil {
			return fmt.Errorf("section %s: %w", name, err)
		}
	}
	l.addKconfig()
	return l.addArenaData()
}

func isData(name string) bool {
	for _, p := range []string{".data", ".rodata", ".bss"} {
		if name == p || strings.HasPrefix(name, p+".") {
			return true
		}
	}
	return false
}

// addDefined plans the maps of .maps.
func (l *linker) addDefined(secIndex int) error {
	for _, v := range l.f.vars(".maps") {
		x, ok := v.Type.(*btf.Var)
		if !ok {
			continue
		}
		s, ok := btf.UnderlyingType(x.Type).(*btf.Struct)
		sym, found := l.f.symbolIn(secIndex, x.Name)
		if !ok || !found {
			return fmt.Errorf("map %s: no struct, or no symbol", x.Name)
		}
		m, err := l.f.readMap(x.Name, s)
		if err != nil {
			return err
		}
		step := l.addMap(m)
		l.maps[place{secIndex, sym.Value}] = step
		l.slots = append(l.slots, slotsOf{m, step, sym.Value, uint64(s.Size)})
		if m.spec.Type == mapArena {
			l.arena, l.arenaPages = step, m.spec.MaxEntries
		}
	}
	return nil
}

// addMap plans one map, its inner map first.
func (l *linker) addMap(m *mapDef) int {
	x := m.spec
	x.BTF = l.btf
	switch x.Type {
	case mapRingbuf, mapUserRing:
		x.MaxEntries = max(x.MaxEntries, pageSize)
		x.KeyType, x.ValueType = 0, 0
	case mapPerfArray:
		x.MaxEntries = max(x.MaxEntries, presetEntries)
		x.KeySize, x.ValueSize = 4, 4
	case mapArena:
		x.MaxEntries = max(x.MaxEntries, 1)
	case mapProgArray:
		x.KeySize, x.ValueSize = 4, 4
		x.MaxEntries = max(x.MaxEntries, 1)
	default:
		if x.MaxEntries == 0 && x.Type != 25 && !(x.Type >= 28 && x.Type <= 29) && x.Type != 24 && x.Type != 32 {
			x.MaxEntries = presetEntries // storages have none: sk 24, 28 inode, 29 task, 32 cgrp
		}
	}
	if x.Type == mapArrayOfMap || x.Type == mapHashOfMap {
		x.KeyType, x.ValueType = 0, 0
		if m.inner != nil {
			x.Inner = l.addMap(m.inner)
		}
	}
	return l.add(bpf.Step{Op: bpf.OpMap, Name: m.name, Map: &x})
}

// addData plans the map of a section of variables.
func (l *linker) addData(i int, name string) error {
	size := l.f.size(i)
	if size == 0 || size > maxObject {
		return nil
	}
	readOnly := strings.HasPrefix(name, ".rodata")
	x := bpf.Map{Type: mapArray, KeySize: 4, ValueSize: uint32(size), MaxEntries: 1, Inner: bpf.None, BTF: bpf.None}
	if id := l.f.ids[name]; id != 0 && l.btf != bpf.None {
		x.BTF, x.ValueType = l.btf, uint32(id)
	}
	if readOnly {
		x.Flags = flagReadProg
	}
	if l.mappable(name) {
		x.Flags |= flagMmap
	}
	data := make([]byte, size)
	copy(data, l.f.secs[i].data)
	if readOnly {
		if err := l.presetRodata(i, name, data); err != nil {
			return err
		}
	}
	step := l.add(bpf.Step{Op: bpf.OpMap, Name: l.short() + name, Map: &x})
	l.data[i] = step
	if !zeroed(data) {
		l.add(bpf.Step{Op: bpf.OpUpdate, Name: name, On: step, Key: make([]byte, 4), Data: data})
	}
	if readOnly {
		l.add(bpf.Step{Op: bpf.OpFreeze, Name: name, On: step})
	}
	return nil
}

// mappable is libbpf's map_is_mmapable: a section with a variable that user
// space can see.
func (l *linker) mappable(section string) bool {
	if section == ".data" || section == ".rodata" || section == ".bss" {
		return true
	}
	return slices.ContainsFunc(l.f.vars(section), func(v btf.VarSecinfo) bool {
		x, ok := v.Type.(*btf.Var)
		return ok && x.Linkage != btf.StaticVar
	})
}

// short is the part of the object's name that libbpf puts before that of a
// section.
func (l *linker) short() string {
	n := l.o.Name
	n = n[strings.LastIndexByte(n, '/')+1:]
	n, _, _ = strings.Cut(n, ".")
	return n[:min(len(n), 8)]
}

// presetRodata sets what user space sets before it loads: the values asked
// for, and sched_ext's constants, which scx's loaders fill in
// (tools/sched_ext/include/scx/enums.autogen.h).
func (l *linker) presetRodata(secIndex int, name string, data []byte) error {
	for _, s := range l.f.syms {
		if int(s.Section) != secIndex || elf.ST_TYPE(s.Info) != elf.STT_OBJECT || s.Value > uint64(len(data)) || s.Size > uint64(len(data))-s.Value {
			continue
		}
		at := data[s.Value : s.Value+s.Size]
		v, ok := l.rodata[s.Name]
		if ok {
			delete(l.unset, s.Name)
		} else if v, ok = l.k.types.enums[strings.TrimPrefix(s.Name, "__")]; !ok || !strings.HasPrefix(s.Name, "__SCX_") {
			continue
		}
		switch len(at) {
		case 1, 2, 4, 8:
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], v)
			copy(at, b[:])
		default:
			return fmt.Errorf("rodata %s: %d bytes, not a number", s.Name, len(at))
		}
	}
	return nil
}

// addArenaData maps the arena and puts its variables there.
func (l *linker) addArenaData() error {
	if l.arena == bpf.None {
		return nil
	}
	s := bpf.Step{Op: bpf.OpArena, Name: "arena", On: l.arena, Addr: l.plan.Steps[l.arena].Map.Extra, Size: int(min(uint64(max(l.arenaPages, 1))*pageSize, 4<<30))}
	if i := l.f.section(".addr_space.1"); i >= 0 {
		l.data[i] = l.arena
		if !zeroed(l.f.secs[i].data) {
			s.Data = l.f.secs[i].data
		}
	}
	l.add(s)
	return nil
}

// slotsOf is a map whose definition gives elements their first values.
type slotsOf struct {
	def       *mapDef
	step      int
	off, size uint64
}

// addSlots sets elements of maps of maps and of program arrays, once what
// they name is there (tools/lib/bpf/libbpf.c:init_map_in_map_slots,
// init_prog_array_slots).
func (l *linker) addSlots() {
	sec := l.f.section(".maps")
	for _, m := range l.slots {
		if m.def.inner == nil && m.def.spec.Type != mapProgArray {
			continue
		}
		start := uint64(m.def.def.Size)
		for _, x := range m.def.def.Members {
			if x.Name == "values" {
				start = uint64(x.Offset.Bytes())
			}
		}
		for _, r := range l.f.secs[sec].relocs {
			if r.off < m.off+start || r.off >= m.off+max(m.size, start)+8*presetEntries && m.size > start {
				continue
			}
			l.addSlot(m, sec, (r.off-m.off-start)/8, r)
		}
	}
}

func (l *linker) addSlot(m slotsOf, sec int, index uint64, r reloc) {
	s := l.f.syms[r.sym]
	value, ok := l.maps[place{sec, s.Value}]
	if int(s.Section) != sec {
		value, ok = l.progAt(int(s.Section), s.Value)
	}
	if !ok || uint32(index) >= max(m.def.spec.MaxEntries, 1) {
		return
	}
	key := binary.LittleEndian.AppendUint32(nil, uint32(index))
	l.add(bpf.Step{Op: bpf.OpUpdate, Name: m.def.name, On: m.step, Key: key, Value: value})
}
