package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The package reads ELF itself: debug/elf copies every symbol's name, which
// a crafted string table turns into gigabytes, and has no relocations for
// EM_BPF. All offsets and sizes are checked against the file before anything
// is allocated for them.

// maxSection bounds what is read of one section. Arena images of real
// schedulers have 20 MB, and those are not read at all.
const maxSection = 64 << 20

// maxSections bounds the section table; big linked schedulers have some 300.
const maxSections = 1 << 14

// maxName is the longest name that is taken as one.
const maxName = 1 << 10

type section struct {
	name        string
	typ         elf.SectionType
	flags       elf.SectionFlag
	off, size   uint64
	link, info  uint32
	relocations []uint32 // sections with relocations for this one
}

type symbol struct {
	name  string
	value uint64
	size  uint64
	sec   elf.SectionIndex
	typ   elf.SymType
	bind  elf.SymBind
}

// image is the ELF file as far as it has been read.
type image struct {
	r        io.ReaderAt
	size     uint64
	order    binary.ByteOrder
	sections []section
	symbols  []symbol
}

// partError names the part of an object that is wrong.
func partError(part string, err error) error { return fmt.Errorf("%s: %w", part, err) }

var errTruncated = errors.New("reaches beyond the end of the file")

func openImage(r io.ReaderAt, size int64) (*image, error) {
	im := &image{r: r, size: uint64(max(size, 0))}
	h, err := im.header()
	if err != nil {
		return nil, partError("ELF header", err)
	}
	if err := im.readSections(h); err != nil {
		return nil, err
	}
	return im, im.readSymbols()
}

// header checks that the file is a relocatable BPF object.
func (im *image) header() (h elf.Header64, err error) {
	ident, err := im.bytes(0, elf.EI_NIDENT)
	if err != nil {
		return h, err
	}
	switch {
	case !bytes.Equal(ident[:4], []byte(elf.ELFMAG)):
		return h, errors.New("not an ELF file")
	case elf.Class(ident[elf.EI_CLASS]) != elf.ELFCLASS64:
		return h, errors.New("not a 64-bit object")
	case elf.Data(ident[elf.EI_DATA]) == elf.ELFDATA2LSB:
		im.order = binary.LittleEndian
	case elf.Data(ident[elf.EI_DATA]) == elf.ELFDATA2MSB:
		im.order = binary.BigEndian
	default:
		return h, fmt.Errorf("byte order %d", ident[elf.EI_DATA])
	}
	if err := im.decode(0, &h); err != nil {
		return h, err
	}
	if elf.Machine(h.Machine) != elf.EM_BPF || elf.Type(h.Type) != elf.ET_REL {
		return h, fmt.Errorf("%s for %s, not a BPF object", elf.Type(h.Type), elf.Machine(h.Machine))
	}
	return h, nil
}

// bytes reads part of the file.
func (im *image) bytes(off, n uint64) ([]byte, error) {
	if off > im.size || n > im.size-off {
		return nil, errTruncated
	}
	if n > maxSection {
		return nil, fmt.Errorf("%d bytes, more than %d", n, maxSection)
	}
	b := make([]byte, n)
	if _, err := im.r.ReadAt(b, int64(off)); err != nil && !(errors.Is(err, io.EOF) && n == 0) {
		return nil, err
	}
	return b, nil
}

func (im *image) decode(off uint64, v any) error {
	b, err := im.bytes(off, uint64(binary.Size(v)))
	if err != nil {
		return err
	}
	_, err = binary.Decode(b, im.order, v)
	return err
}

func (im *image) readSections(h elf.Header64) error {
	const size = 64
	if h.Shnum == 0 || h.Shnum > maxSections || h.Shentsize != size {
		return partError("section table", fmt.Errorf("%d entries of %d bytes", h.Shnum, h.Shentsize))
	}
	raw, err := im.bytes(h.Shoff, uint64(h.Shnum)*size)
	if err != nil {
		return partError("section table", err)
	}
	names := make([]uint32, h.Shnum)
	for i := range names {
		var s elf.Section64
		if _, err := binary.Decode(raw[i*size:], im.order, &s); err != nil {
			return partError("section table", err)
		}
		names[i] = s.Name
		im.sections = append(im.sections, section{
			typ: elf.SectionType(s.Type), flags: elf.SectionFlag(s.Flags),
			off: s.Off, size: s.Size, link: s.Link, info: s.Info,
		})
	}
	if int(h.Shstrndx) >= len(names) {
		return partError("section names", fmt.Errorf("section %d of %d", h.Shstrndx, len(names)))
	}
	table, err := im.data(int(h.Shstrndx))
	if err != nil {
		return partError("section names", err)
	}
	return im.nameSections(names, string(table))
}

func (im *image) nameSections(names []uint32, table string) error {
	for i := range im.sections {
		s := &im.sections[i]
		var err error
		if s.name, err = cString(table, names[i]); err != nil {
			return partError(fmt.Sprintf("name of section %d", i), err)
		}
		if s.typ == elf.SHT_REL && int(s.info) < len(im.sections) {
			t := &im.sections[s.info]
			t.relocations = append(t.relocations, uint32(i))
		}
	}
	return nil
}

// cString gives the string at an offset without copying it.
func cString(table string, off uint32) (string, error) {
	if uint64(off) >= uint64(len(table)) {
		if off == 0 {
			return "", nil
		}
		return "", fmt.Errorf("string offset %d: %w", off, errTruncated)
	}
	s := table[off:min(uint64(len(table)), uint64(off)+maxName+1)]
	end := strings.IndexByte(s, 0)
	if end < 0 {
		return "", fmt.Errorf("string at %d has no end", off)
	}
	return s[:end], nil
}

// data reads a section. Compressed ones are refused: clang makes none, and
// they can claim any size.
func (im *image) data(i int) ([]byte, error) {
	if i < 0 || i >= len(im.sections) {
		return nil, fmt.Errorf("section %d of %d", i, len(im.sections))
	}
	s := &im.sections[i]
	switch {
	case s.typ == elf.SHT_NOBITS:
		return nil, nil
	case s.flags&elf.SHF_COMPRESSED != 0:
		return nil, fmt.Errorf("section %s: compressed", s.name)
	}
	b, err := im.bytes(s.off, s.size)
	if err != nil {
		return nil, partError("section "+s.name, err)
	}
	return b, nil
}

// find gives the index of a section, -1 when there is none.
func (im *image) find(name string) int {
	for i := range im.sections {
		if im.sections[i].name == name {
			return i
		}
	}
	return -1
}

func (im *image) readSymbols() error {
	for i := range im.sections {
		if im.sections[i].typ != elf.SHT_SYMTAB {
			continue
		}
		raw, err := im.data(i)
		if err != nil {
			return err
		}
		names, err := im.data(int(im.sections[i].link))
		if err != nil {
			return partError("symbol names", err)
		}
		return im.decodeSymbols(raw, string(names))
	}
	return errors.New("symbol table: none; libbpf cannot load a stripped object either")
}

func (im *image) decodeSymbols(raw []byte, names string) error {
	const size = elf.Sym64Size
	im.symbols = make([]symbol, 0, len(raw)/size)
	for ; len(raw) >= size; raw = raw[size:] {
		o := im.order
		name, err := cString(names, o.Uint32(raw))
		if err != nil {
			return partError(fmt.Sprintf("symbol %d", len(im.symbols)), err)
		}
		im.symbols = append(im.symbols, symbol{
			name: name, typ: elf.ST_TYPE(raw[4]), bind: elf.ST_BIND(raw[4]),
			sec: elf.SectionIndex(o.Uint16(raw[6:])), value: o.Uint64(raw[8:]), size: o.Uint64(raw[16:]),
		})
	}
	return nil
}

// A reloc is one relocation: where, against which symbol.
type reloc struct {
	off uint64
	sym uint32
	typ uint32
}

// relocationsOf reads all relocations of a section.
func (im *image) relocationsOf(i int) ([]reloc, error) {
	const size = 16
	var out []reloc
	for _, ri := range im.sections[i].relocations {
		raw, err := im.data(int(ri))
		if err != nil {
			return nil, err
		}
		for ; len(raw) >= size; raw = raw[size:] {
			info := im.order.Uint64(raw[8:])
			r := reloc{off: im.order.Uint64(raw), sym: elf.R_SYM64(info), typ: elf.R_TYPE64(info)}
			if int64(r.sym) >= int64(len(im.symbols)) {
				return nil, partError("section "+im.sections[ri].name, fmt.Errorf("symbol %d of %d", r.sym, len(im.symbols)))
			}
			out = append(out, r)
		}
	}
	return out, nil
}
