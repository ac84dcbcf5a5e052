package link

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"

	"github.com/cilium/ebpf/btf"
)

// Linkage of functions and variables in BTF.
const (
	linkStatic = 0
	linkGlobal = 1
	linkExtern = 2
)

// kernelBTF is the object's BTF as the kernel accepts it: sizes and offsets of
// sections filled in, externs made into what the kernel takes for them
// (tools/lib/bpf/libbpf.c:btf_fixup_datasec,
// bpf_object__collect_externs, bpf_object__sanitize_btf).
func (f *file) kernelBTF(kconfig map[string]uint32) ([]byte, error) {
	if f.raw == nil {
		return nil, nil
	}
	raw, dummy, err := appendDummy(f.raw)
	if err != nil {
		return nil, err
	}
	x := fixer{f: f, raw: raw, kconfig: kconfig, dummy: dummy, recs: []record{{}}}
	if x.h, err = readHeader(raw); err != nil {
		return nil, err
	}
	if err := eachType(raw, func(r record) { x.recs = append(x.recs, r) }); err != nil {
		return nil, err
	}
	for _, r := range x.recs {
		switch {
		case r.kind == kindDatasec:
			x.datasec(r)
		case r.kind == kindFunc:
			x.function(r)
		}
	}
	return raw, nil
}

// dummyName is the variable that stands for extern functions in the section
// of ksyms: the kernel wants variables there.
const dummyName = "dummy_ksym"

// appendDummy adds an int and the dummy variable to a raw BTF; the result is
// a copy.
func appendDummy(raw []byte) ([]byte, btf.TypeID, error) {
	h, err := readHeader(raw)
	if err != nil {
		return nil, 0, err
	}
	last := btf.TypeID(0)
	if err := eachType(raw, func(r record) { last = r.id }); err != nil {
		return nil, 0, err
	}
	le := binary.LittleEndian
	name := uint32(h.stringEnd - h.strings)
	extra := make([]byte, 32)
	le.PutUint32(extra[0:], name) // an int of the same name will do
	le.PutUint32(extra[4:], kindInt<<24)
	le.PutUint32(extra[8:], 4)
	le.PutUint32(extra[12:], 1<<24|32) // signed, 32 bits
	le.PutUint32(extra[16:], name)
	le.PutUint32(extra[20:], kindVar<<24)
	le.PutUint32(extra[24:], uint32(last)+1)
	le.PutUint32(extra[28:], linkGlobal)

	out := make([]byte, 24)
	copy(out, raw[:24])
	types := append(slices.Clone(raw[h.types:h.typesEnd]), extra...)
	strings := append(slices.Clone(raw[h.strings:h.stringEnd]), append([]byte(dummyName), 0)...)
	le.PutUint32(out[4:], 24)
	le.PutUint32(out[8:], 0)
	le.PutUint32(out[12:], uint32(len(types)))
	le.PutUint32(out[16:], uint32(len(types)))
	le.PutUint32(out[20:], uint32(len(strings)))
	return append(append(out, types...), strings...), last + 2, nil
}

type fixer struct {
	f       *file
	raw     []byte
	h       header
	recs    []record // by id
	kconfig map[string]uint32
	dummy   btf.TypeID
}

func (x *fixer) rec(id uint32) record {
	if uint64(id) >= uint64(len(x.recs)) {
		return record{}
	}
	return x.recs[id]
}

// function makes hidden functions static: they are verified as part of their
// callers (bpf_object__sanitize_prog: btf_mark_static...).
func (x *fixer) function(r record) {
	if r.vlen != linkGlobal {
		return
	}
	for _, s := range x.f.syms {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Name == r.name {
			if v := elf.ST_VISIBILITY(s.Other); v == elf.STV_HIDDEN || v == elf.STV_INTERNAL {
				x.setLinkage(r, linkStatic)
			}
			return
		}
	}
}

// setLinkage sets the linkage of a function, which is in the place of vlen.
func (x *fixer) setLinkage(r record, linkage uint32) {
	le := binary.LittleEndian
	le.PutUint32(r.raw[4:], le.Uint32(r.raw[4:])&^0xffff|linkage)
}

// entry is one variable of a DATASEC.
type entry struct{ typ, off, size uint32 }

func (x *fixer) datasec(r record) {
	le := binary.LittleEndian
	var entries []entry
	for b := r.raw[12:]; len(b) >= 12; b = b[12:] {
		entries = append(entries, entry{le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:])})
	}
	size := uint32(0)
	switch r.name {
	case ".ksyms":
		size = x.ksyms(entries)
	case ".kconfig":
		size = x.configs(entries)
	default:
		sec := x.f.section(r.name)
		if sec < 0 {
			return
		}
		size = uint32(x.f.size(sec))
		for i := range entries {
			if s, ok := x.f.symbolIn(sec, x.rec(entries[i].typ).name); ok {
				entries[i].off = uint32(s.Value)
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.off, b.off) })
	le.PutUint32(r.raw[8:], size)
	for i, e := range entries {
		b := r.raw[12+12*i:]
		le.PutUint32(b, e.typ)
		le.PutUint32(b[4:], e.off)
		le.PutUint32(b[8:], e.size)
	}
}

// ksyms lays the kernel symbols out as ints.
func (x *fixer) ksyms(entries []entry) uint32 {
	le := binary.LittleEndian
	off := uint32(0)
	for i := range entries {
		switch r := x.rec(entries[i].typ); r.kind {
		case kindFunc:
			x.setLinkage(r, linkGlobal)
			x.nameParams(x.rec(le.Uint32(r.raw[8:])))
			entries[i].typ = uint32(x.dummy)
		case kindVar:
			le.PutUint32(r.raw[8:], uint32(x.dummy)-1)
			le.PutUint32(r.raw[12:], linkGlobal)
		}
		entries[i].off, entries[i].size = off, 4
		off += 4
	}
	return off
}

// nameParams names the parameters of an extern's prototype, which the kernel
// insists on (kernel/bpf/btf.c:btf_func_check).
func (x *fixer) nameParams(r record) {
	le := binary.LittleEndian
	name := le.Uint32(x.rec(uint32(x.dummy)).raw)
	if r.kind != kindFuncProto {
		return
	}
	for b := r.raw[12:]; len(b) >= 8; b = b[8:] {
		if le.Uint32(b) == 0 && le.Uint32(b[4:]) != 0 {
			le.PutUint32(b, name)
		}
	}
}

// configs gives __kconfig variables their places in the map.
func (x *fixer) configs(entries []entry) uint32 {
	le := binary.LittleEndian
	size := uint32(0)
	for i := range entries {
		r := x.rec(entries[i].typ)
		if r.kind == kindVar {
			le.PutUint32(r.raw[12:], linkGlobal)
		}
		entries[i].off = x.kconfig[r.name]
		size = max(size, entries[i].off+entries[i].size)
	}
	return size
}

// zeroed tells whether all bytes are zero.
func zeroed(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }
