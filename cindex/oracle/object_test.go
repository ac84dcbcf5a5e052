package oracle

import (
	"debug/elf"
	"encoding/binary"
	"sort"
)

// Relocation types of BPF objects.
const (
	relocImm64 = 1
	relocCall  = 10
)

// An object is a BPF object as far as calls go.
type object struct {
	f     *elf.File
	syms  []elf.Symbol
	funcs map[elf.SectionIndex][]elf.Symbol // by value
	g     *graph
}

// readObject finds the calls of an object by its relocations and its calls
// between functions of one section.
func readObject(path string) (*graph, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	o := &object{f: f, g: newGraph(), funcs: map[elf.SectionIndex][]elf.Symbol{}}
	if o.syms, err = f.Symbols(); err != nil {
		return nil, err
	}
	for _, s := range o.syms {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Section != elf.SHN_UNDEF {
			o.funcs[s.Section] = append(o.funcs[s.Section], s)
			if isProgram(f.Sections[s.Section].Name) {
				o.g.programs = append(o.g.programs, s.Name)
			}
		}
	}
	for _, list := range o.funcs {
		sort.Slice(list, func(i, j int) bool { return list[i].Value < list[j].Value })
	}
	for i, s := range f.Sections {
		if o.funcs[elf.SectionIndex(i)] == nil {
			continue
		}
		if err := o.section(elf.SectionIndex(i), s); err != nil {
			return nil, err
		}
	}
	return o.g, nil
}

// at gives the function that covers an offset of a section.
func (o *object) at(i elf.SectionIndex, off uint64) string {
	for _, s := range o.funcs[i] {
		if off >= s.Value && off < s.Value+s.Size {
			return s.Name
		}
	}
	return ""
}

func (o *object) section(i elf.SectionIndex, s *elf.Section) error {
	code, err := s.Data()
	if err != nil {
		return err
	}
	relocs, err := o.relocs(i)
	if err != nil {
		return err
	}
	for off := uint64(0); off+8 <= uint64(len(code)); off += 8 {
		from := o.at(i, off)
		if r, ok := relocs[off]; ok {
			o.reloc(from, code[off:], r)
		} else if code[off] == 0x85 && code[off+1]>>4 == 1 { // a call within the section
			imm := int32(binary.LittleEndian.Uint32(code[off+4:]))
			if to := o.at(i, off+8+uint64(int64(imm)*8)); to != "" && from != "" {
				add(o.g.edges, from, to)
			}
		}
		if code[off] == 0x18 {
			off += 8 // two slots
		}
	}
	return nil
}

type reloc struct{ sym, typ uint32 }

func (o *object) relocs(i elf.SectionIndex) (map[uint64]reloc, error) {
	out := map[uint64]reloc{}
	for _, s := range o.f.Sections {
		if s.Type != elf.SHT_REL || elf.SectionIndex(s.Info) != i {
			continue
		}
		data, err := s.Data()
		if err != nil {
			return nil, err
		}
		for ; len(data) >= 16; data = data[16:] {
			info := binary.LittleEndian.Uint64(data[8:])
			out[binary.LittleEndian.Uint64(data)] = reloc{uint32(info >> 32), uint32(info)}
		}
	}
	return out, nil
}

func (o *object) reloc(from string, insn []byte, r reloc) {
	if from == "" || r.sym == 0 || int(r.sym) > len(o.syms) {
		return
	}
	s := o.syms[r.sym-1]
	imm := int64(int32(binary.LittleEndian.Uint32(insn[4:])))
	switch {
	case s.Section == elf.SHN_UNDEF:
		if r.typ == relocCall {
			o.g.kfuncs[s.Name] = true
			add(o.g.kcalls, from, s.Name)
		}
	case elf.ST_TYPE(s.Info) == elf.STT_FUNC:
		add(o.g.edges, from, s.Name)
	case elf.ST_TYPE(s.Info) == elf.STT_SECTION && o.funcs[s.Section] != nil:
		off := imm
		if r.typ == relocCall {
			off = (imm + 1) * 8
		}
		if to := o.at(s.Section, uint64(off)); to != "" {
			add(o.g.edges, from, to)
		}
	}
}
