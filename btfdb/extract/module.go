package extract

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/scx-lsp/scx-lsp/btfdb"
)

// AddModule adds the kfuncs of a module to the facts of the kernel that it
// belongs to. kernelBTF is that kernel's BTF; the module is a .ko file or a
// file of /sys/kernel/btf. Where the sets are registered cannot be read from
// a module, so what may call them stays unknown.
func AddModule(f *btfdb.Facts, name string, module io.ReaderAt, size int64, kernelBTF []byte) error {
	base, err := readTypes(kernelBTF)
	if err != nil {
		return errIn("kernel", err)
	}
	raw, ko, err := moduleBTF(module, size)
	if err != nil {
		return errIn("module "+name, err)
	}
	t, err := readSplitTypes(raw, base)
	if err != nil {
		return errIn("module "+name, err)
	}
	sets, err := moduleSets(ko, name, t)
	if err != nil {
		return errIn("module "+name, err)
	}
	kfuncs, err := kfuncFacts(sets, t)
	if err != nil {
		return errIn("module "+name, err)
	}
	for _, k := range kfuncs {
		if !slices.ContainsFunc(f.Kfuncs, func(o *btfdb.Kfunc) bool { return o.Name == k.Name }) {
			f.Kfuncs = append(f.Kfuncs, k)
		}
	}
	for _, s := range unknownSets(sets) {
		if !slices.ContainsFunc(f.Sets, func(o btfdb.Set) bool { return o.Name == s.Name }) {
			f.Sets = append(f.Sets, s)
		}
	}
	note(f, "module %s: which programs may call its %d kfuncs is not known", name, len(kfuncs))
	f.Sort()
	return nil
}

// moduleBTF returns the split BTF of a module, and the ELF file if it is one.
func moduleBTF(r io.ReaderAt, size int64) (raw []byte, ko *elf.File, err error) {
	head := make([]byte, 4)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, nil, err
	}
	if isBTF(head) {
		img, err := openBTF(r, size)
		if err != nil {
			return nil, nil, err
		}
		return img.btf, nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			raw, ko, err = nil, nil, fmt.Errorf("elf: %v", p)
		}
	}()
	if ko, err = elf.NewFile(r); err != nil {
		return nil, nil, fmt.Errorf("elf: %w", err)
	}
	raw, err = sectionData(ko, &elfMemory{}, ".BTF", maxBTF)
	return raw, ko, err
}

// moduleSets reads a module's sets: from .BTF_ids and the symbols of a .ko;
// else one set of all functions with the bpf_kfunc tag, without flags.
func moduleSets(ko *elf.File, name string, t *types) ([]set, error) {
	if ko == nil {
		s := set{name: "module_" + name}
		for _, fn := range t.kfuncs {
			s.ids, s.flags = append(s.ids, fn), append(s.flags, 0)
		}
		return []set{s}, nil
	}
	sec := ko.Section(".BTF_ids")
	if sec == nil {
		return nil, nil
	}
	if sec.Size > 1<<20 {
		return nil, fmt.Errorf(".BTF_ids: %d bytes", sec.Size)
	}
	data, err := sec.Data()
	if err != nil {
		return nil, errIn(".BTF_ids", err)
	}
	syms, err := ko.Symbols()
	if err != nil {
		return nil, errIn(".symtab", err)
	}
	var sets []set
	for _, s := range syms {
		setName, ok := strings.CutPrefix(s.Name, set8Prefix)
		if !ok {
			continue
		}
		found, err := readSet(bytesMemory(data), set{name: setName, addr: s.Value})
		if err != nil {
			return nil, err
		}
		if found != nil {
			sets = append(sets, *found)
		}
	}
	return sets, nil
}

// bytesMemory is a section at address 0.
type bytesMemory []byte

func (m bytesMemory) read(va uint64, n int) ([]byte, error) {
	if n < 0 || va > uint64(len(m)) || uint64(n) > uint64(len(m))-va {
		return nil, fmt.Errorf("offset %#x: %w", va, errors.New("outside of the section"))
	}
	return m[va : va+uint64(n)], nil
}

// functions indexes the functions of a kernel's BTF by name.
func (t *types) functions() map[string]*btf.Func {
	funcs := make(map[string]*btf.Func, len(t.funcIDs))
	for name, id := range t.funcIDs {
		if f, err := t.funcByID(id); err == nil {
			funcs[name] = f
		}
	}
	return funcs
}
