package link

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// Limits of an object; package object has looked at it before, and refused
// what is damaged.
const (
	maxObject = 256 << 20
	insnSize  = 8
)

// A file is an object with its parts at hand.
type file struct {
	elf   *elf.File
	secs  []sec
	syms  []elf.Symbol // by symbol index
	raw   []byte       // .BTF
	spec  *btf.Spec
	cores *btf.ExtInfos
	info  map[string]*info      // func_info and line_info by section
	ids   map[string]btf.TypeID // DATASEC by name
}

type sec struct {
	*elf.Section
	data   []byte
	relocs []reloc
}

type reloc struct {
	off uint64
	typ uint32
	sym int
}

func openFile(object []byte) (f *file, err error) {
	defer func() {
		if v := recover(); v != nil {
			f, err = nil, fmt.Errorf("object: %v", v)
		}
	}()
	if len(object) > maxObject {
		return nil, fmt.Errorf("object of %d bytes, more than %d", len(object), maxObject)
	}
	r := bytes.NewReader(object)
	x, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	if x.ByteOrder != binary.LittleEndian {
		return nil, errors.New("a big-endian object: its kernel does not run here")
	}
	f = &file{elf: x, info: map[string]*info{}, ids: map[string]btf.TypeID{}}
	if err := f.readSections(); err != nil {
		return nil, err
	}
	return f, f.readTypes(r)
}

func (f *file) readSections() error {
	syms, err := f.elf.Symbols()
	if err != nil {
		return fmt.Errorf("symbol table: %w", err)
	}
	f.syms = append(make([]elf.Symbol, 1, len(syms)+1), syms...)
	for _, s := range f.elf.Sections {
		x := sec{Section: s}
		debug := strings.HasPrefix(s.Name, ".debug_") || strings.HasPrefix(s.Name, ".rel.debug_")
		if s.Type != elf.SHT_NOBITS && s.Type != elf.SHT_NULL && !debug {
			if x.data, err = s.Data(); err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("section %s: %w", s.Name, err)
			}
		}
		f.secs = append(f.secs, x)
	}
	for _, s := range f.secs {
		if s.Type != elf.SHT_REL || int(s.Info) >= len(f.secs) {
			continue
		}
		t := &f.secs[s.Info]
		for b := s.data; len(b) >= 16; b = b[16:] {
			i := binary.LittleEndian.Uint64(b[8:])
			r := reloc{off: binary.LittleEndian.Uint64(b), typ: elf.R_TYPE64(i), sym: int(elf.R_SYM64(i))}
			if r.sym >= len(f.syms) {
				return fmt.Errorf("section %s: symbol %d of %d", s.Name, r.sym, len(f.syms))
			}
			t.relocs = append(t.relocs, r)
		}
	}
	return nil
}

func (f *file) readTypes(r io.ReaderAt) error {
	i := f.section(".BTF")
	if i < 0 {
		return nil
	}
	f.raw = bytes.Clone(f.secs[i].data)
	var err error
	if f.spec, f.cores, err = btf.LoadSpecAndExtInfosFromReader(r); err != nil {
		return fmt.Errorf(".BTF: %w", err)
	}
	if i = f.section(".BTF.ext"); i >= 0 {
		if err := f.readExt(f.secs[i].data); err != nil {
			return fmt.Errorf(".BTF.ext: %w", err)
		}
	}
	return eachType(f.raw, func(r record) {
		if r.kind == kindDatasec {
			f.ids[r.name] = r.id
		}
	})
}

func (f *file) section(name string) int {
	for i, s := range f.secs {
		if s.Name == name {
			return i
		}
	}
	return -1
}

// vars lists the variables of a DATASEC.
func (f *file) vars(section string) []btf.VarSecinfo {
	var d *btf.Datasec
	if f.spec == nil || f.spec.TypeByName(section, &d) != nil {
		return nil
	}
	return d.Vars
}

// size is a section's size, with or without bytes in the file.
func (f *file) size(i int) uint64 { return f.secs[i].Size }

// symbolIn finds a variable of a section by name.
func (f *file) symbolIn(section int, name string) (elf.Symbol, bool) {
	for _, s := range f.syms {
		if int(s.Section) == section && s.Name == name {
			return s, true
		}
	}
	return elf.Symbol{}, false
}

// info is func_info and line_info of a section, as the kernel takes them
// (struct bpf_func_info, struct bpf_line_info) with offsets in bytes.
type info struct {
	funcRec, lineRec int
	funcs, lines     []byte
}

// readExt takes .BTF.ext apart without looking into it: types and strings
// stay those of the object's BTF.
func (f *file) readExt(raw []byte) error {
	le := binary.LittleEndian
	h, err := readHeader(f.raw)
	if err != nil {
		return err
	}
	if len(raw) < 24 {
		return errBTF
	}
	part := func(at int, keep func(x *info, rec int, b []byte)) error {
		start := uint64(le.Uint32(raw[4:])) + uint64(le.Uint32(raw[at:]))
		end := start + uint64(le.Uint32(raw[at+4:]))
		if start > end || end > uint64(len(raw)) {
			return errBTF
		}
		b := raw[start:end]
		if len(b) < 4 {
			return nil
		}
		rec := uint64(le.Uint32(b))
		for b = b[4:]; len(b) >= 8; {
			name, n := h.name(f.raw, le.Uint32(b)), uint64(le.Uint32(b[4:]))*rec
			if b = b[8:]; rec < 8 || n > uint64(len(b)) {
				return errBTF
			}
			if f.info[name] == nil {
				f.info[name] = &info{}
			}
			keep(f.info[name], int(rec), b[:n])
			b = b[n:]
		}
		return nil
	}
	if err := part(8, func(x *info, rec int, b []byte) { x.funcRec, x.funcs = rec, b }); err != nil {
		return err
	}
	return part(16, func(x *info, rec int, b []byte) { x.lineRec, x.lines = rec, b })
}

// cut gives the records of [start, end) with the offsets, in instructions, of
// a place behind which the code is put.
func cut(records []byte, size int, start, end, to int) []byte {
	var out []byte
	for b := records; size >= 8 && len(b) >= size; b = b[size:] {
		at := int(binary.LittleEndian.Uint32(b)) / insnSize
		if at < start || at >= end {
			continue
		}
		n := len(out)
		out = append(out, b[:size]...)
		binary.LittleEndian.PutUint32(out[n:], uint32(at-start+to))
	}
	return out
}
