package extract

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"sort"
)

// Limits of what a reader takes in. A stock x86-64 vmlinux without debug
// information is 60 MB; its .BTF is 5 MB.
const (
	maxImage   = 256 << 20 // decompressed
	maxSection = 128 << 20
	maxBTF     = 64 << 20
)

// A memory reads the kernel's address space.
type memory interface {
	// read returns n bytes at a kernel address.
	read(va uint64, n int) ([]byte, error)
}

// An image is a kernel that facts can be read from.
type image struct {
	mem    memory
	syms   *symbols // nil if the kernel has none that can be found
	btf    []byte   // .BTF
	btfIDs region   // .BTF_ids; zero if not known
	x86    bool
	note   string // why syms is nil
	banner string // the version line, if it came from elsewhere
}

// region is a stretch of addresses.
type region struct{ addr, size uint64 }

func (r region) contains(va uint64) bool { return va-r.addr < r.size }

// elfMemory is an ELF file's sections.
type elfMemory struct {
	secs  []*elf.Section // by address
	whole []byte         // the file, if it is in memory
}

// data is the contents of a section, which must not be changed.
func (m *elfMemory) data(s *elf.Section) ([]byte, error) {
	switch {
	case s.Type == elf.SHT_NOBITS || s.Size > maxSection:
		return nil, fmt.Errorf("section %s: %d bytes, more than %d or none", s.Name, s.Size, maxSection)
	case m.whole == nil || s.Flags&elf.SHF_COMPRESSED != 0:
		return s.Data()
	case s.Offset > uint64(len(m.whole)) || s.Size > uint64(len(m.whole))-s.Offset:
		return nil, fmt.Errorf("section %s at %#x: %d bytes do not fit in %d", s.Name, s.Offset, s.Size, len(m.whole))
	}
	return m.whole[s.Offset : s.Offset+s.Size], nil
}

func (m *elfMemory) section(va uint64) *elf.Section {
	i := sort.Search(len(m.secs), func(i int) bool { return m.secs[i].Addr > va })
	if i == 0 {
		return nil
	}
	if s := m.secs[i-1]; va-s.Addr < s.Size {
		return s
	}
	return nil
}

func (m *elfMemory) read(va uint64, n int) ([]byte, error) {
	s := m.section(va)
	if s == nil {
		return nil, fmt.Errorf("address %#x: in no section", va)
	}
	if n < 0 || uint64(n) > s.Size-(va-s.Addr) {
		return nil, fmt.Errorf("address %#x: %d bytes do not fit in section %s", va, n, s.Name)
	}
	buf := make([]byte, n)
	if _, err := s.ReaderAt.ReadAt(buf, int64(va-s.Addr)); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("section %s+%#x: %w", s.Name, va-s.Addr, err)
	}
	return buf, nil
}

// openELF reads a vmlinux: with a symbol table, or stripped as a bzImage
// holds it, with kallsyms inside.
func openELF(r io.ReaderAt, whole []byte) (img *image, err error) {
	defer func() { // debug/elf has panicked on damaged files before
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("elf: %v", p)
		}
	}()
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("elf: %w", err)
	}
	mem := &elfMemory{whole: whole}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS && s.Addr >= 1<<20 && s.Size < maxSection {
			mem.secs = append(mem.secs, s)
		}
	}
	sort.SliceStable(mem.secs, func(i, j int) bool { return mem.secs[i].Addr < mem.secs[j].Addr })
	img = &image{mem: mem, x86: f.Machine == elf.EM_X86_64}
	if img.btf, err = sectionData(f, mem, ".BTF", maxBTF); err != nil {
		return nil, err
	}
	if s := f.Section(".BTF_ids"); s != nil {
		img.btfIDs = region{s.Addr, s.Size}
	}
	img.syms, err = elfSymbols(f, mem)
	if err != nil {
		img.note = err.Error()
	}
	return img, nil
}

func elfSymbols(f *elf.File, mem *elfMemory) (*symbols, error) {
	if f.Section(".symtab") != nil {
		syms, err := f.Symbols()
		if err != nil {
			return nil, fmt.Errorf("elf: .symtab: %w", err)
		}
		t := &symbols{}
		for _, s := range syms {
			t.add(s.Value, s.Name)
		}
		return t.index(), nil
	}
	s := f.Section(".rodata")
	if s == nil {
		return nil, errors.New("no .symtab, and no .rodata to find kallsyms in")
	}
	data, err := mem.data(s)
	if err != nil {
		return nil, fmt.Errorf("elf: %w", err)
	}
	return parseKallsyms(data, s.Addr)
}

func sectionData(f *elf.File, mem *elfMemory, name string, limit uint64) ([]byte, error) {
	s := f.Section(name)
	switch {
	case s == nil:
		return nil, fmt.Errorf("elf: no section %s: a kernel without BTF (CONFIG_DEBUG_INFO_BTF)", name)
	case s.Size > limit:
		return nil, fmt.Errorf("elf: section %s: %d bytes, more than %d", name, s.Size, limit)
	}
	data, err := mem.data(s)
	if err != nil {
		return nil, fmt.Errorf("elf: %w", err)
	}
	return data, nil
}

// open finds out what kind of file r is.
func open(r io.ReaderAt, size int64) (*image, error) {
	head := make([]byte, 0x210)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte(elf.ELFMAG)):
		return openELF(r, nil)
	case isBTF(head):
		return openBTF(r, size)
	case isBzImage(head):
		data, err := unpackBzImage(r, size)
		if err != nil {
			return nil, err
		}
		return openELF(bytes.NewReader(data), data)
	}
	return nil, errors.New("not a kernel: neither ELF nor bzImage nor BTF")
}

func isBTF(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x9f, 0xeb}) || bytes.HasPrefix(head, []byte{0xeb, 0x9f})
}

// openBTF takes a raw BTF file, as in /sys/kernel/btf.
func openBTF(r io.ReaderAt, size int64) (*image, error) {
	if size > maxBTF {
		return nil, fmt.Errorf("btf: %d bytes, more than %d", size, maxBTF)
	}
	data := make([]byte, size)
	if _, err := r.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("btf: %w", err)
	}
	return &image{btf: data, note: "a BTF file holds no symbols"}, nil
}
